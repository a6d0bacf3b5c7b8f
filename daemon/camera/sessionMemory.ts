import type { SourceOptions } from '../ingest/openSource.ts';
import type { TransportInUse } from '../ingest/rtspSession.ts';
import type { SourceSession, SourceTransport } from '../ingest/sourceSession.ts';
import { SoundTrust } from './soundTrust.ts';

/** Those between which a session chooses; other sources have one. */
const CHOSEN: readonly TransportInUse[] = ['tcp', 'udp', 'http', 'multicast'];

/** What earlier sessions with a camera taught about the next one. */
export class SessionMemory {
  readonly #sound = new SoundTrust();
  #keepAlive: SourceOptions['keepAlive'];
  #first: TransportInUse | undefined;
  #loginWorked = false;

  /** @param first by which pictures came when the daemon ran before */
  constructor(first: TransportInUse | null) {
    this.#first = first ?? undefined;
  }

  /** What to open the next session with. */
  next(): { audio: boolean } & Pick<SourceOptions, 'first' | 'keepAlive'> {
    const audio = this.#sound.asks(performance.now());
    return { audio, first: this.#first, keepAlive: this.#keepAlive };
  }

  /** Pictures came this way. */
  proved(transport: SourceTransport | undefined): void {
    this.#first = CHOSEN.find((one) => one === transport) ?? this.#first;
  }

  ended(session: SourceSession, { audio }: { audio: boolean }): void {
    this.#loginWorked ||= session.loginWorked;
    this.#sound.ended({ asked: audio, ...session.soundTrial }, performance.now());
    if (session.keepAliveSuspect) this.#keepAlive = 'GET_PARAMETER';
  }

  /** These credentials were accepted once. */
  get loginWorked(): boolean {
    return this.#loginWorked;
  }

  /** Another address, login or transport: how the camera keeps its sessions alive is all that still holds. */
  forget(): void {
    this.#sound.reset();
    this.#loginWorked = false;
    this.#first = undefined;
  }
}
