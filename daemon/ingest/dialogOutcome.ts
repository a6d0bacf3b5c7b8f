/** What one connection's dialog leaves behind: how it ended, and what it learnt of the camera. */
import type { AudioParameters } from '../frame.ts';
import type { AudioCounters, IngestCounters } from './counters.ts';

/** What is known of the camera beyond one connection. */
export interface DialogMemory {
  readonly counters: IngestCounters;
  readonly audioCounters: AudioCounters;
  /** SHA-256 Digest was offered and then refused (case 15). */
  refusesSha256: boolean;
  /** Methods of `Public`; empty before the first answer. */
  methods: ReadonlySet<string>;
  /** PAUSE was advertised, and refused with 405, 501 or 551 (case 10). */
  refusesPause: boolean;
  /** The connection did not survive the question for sound. */
  refusesAudio: boolean;
  /** Credentials were asked for and accepted. */
  loginWorked: boolean;
  /** The session ended at about its timeout although OPTIONS was sent (case 48). */
  keepAliveSuspect: boolean;
  /** Another session's packets came before SETUP: old live555 after an unclean close (case 44). */
  staleSession: boolean;
  /** The SDP offers sound; undefined before it came. */
  hasAudio: boolean | undefined;
  /** The sound that was set up; what is known of it can change. */
  sound: { readonly audio: AudioParameters | undefined } | undefined;
}

/** How a dialog ended, unless by an IngestError. */
export type DialogOutcome =
  | { readonly kind: 'ended' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'redirect'; readonly location: string; readonly place: string }
  /** The camera does not do this transport, or nothing arrives by it (case 52); `lossy`: too little does. */
  | {
      readonly kind: 'transport_refused';
      readonly reason: string;
      readonly status: number | undefined;
      readonly lossy?: true;
    }
  /** A daemon before has left a connection that is of no use. */
  | { readonly kind: 'not_taken_over' }
  /** The camera hung up or fell silent when it was asked for sound, or did not play with it. */
  | { readonly kind: 'audio_refused'; readonly reason: string };

/** Ends the story from within: not an error. */
export class Outcome {
  readonly value: DialogOutcome;
  constructor(value: DialogOutcome) {
    this.value = value;
  }
}

export const transportRefused = (reason: string, status?: number) =>
  new Outcome({ kind: 'transport_refused', reason, status });
