import type { AudioParameters } from '../frame.ts';
import type { StreamState } from '../schema.ts';

/** Whether a stream has sound to be listened to, and why not. */
export type SoundState =
  | 'on'
  /** The stream is being opened. */
  | 'waiting'
  /** The camera sends none. */
  | 'none'
  /** It offers some, in a coding that is not taken, or does not give it out. */
  | 'unsupported';

/** Pure. `session`: the open one. */
export function soundState(
  state: StreamState,
  session:
    | { readonly audio: AudioParameters | undefined; readonly hasAudio: boolean | undefined }
    | undefined,
): SoundState {
  if (session?.audio) return 'on';
  if (state !== 'live' || !session) return 'waiting';
  return session.hasAudio ? 'unsupported' : 'none';
}
