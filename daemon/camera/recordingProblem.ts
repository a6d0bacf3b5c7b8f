import type { Logger } from 'pino';
import type { RecordingStatus } from '../schema.ts';

/** Milliseconds after which the same problem is logged again. */
const SAY_AGAIN = 600_000;

/** Why recordings cannot be written now. Logged once, not every second, nor whenever a disk that can only be read is tried again. */
export class RecordingProblem {
  readonly #log: Logger;
  #now: RecordingStatus['problem'] = null;
  /** What was logged last. */
  #said = { code: '', at: 0 };

  constructor(log: Logger) {
    this.#log = log;
  }

  get now(): RecordingStatus['problem'] {
    return this.#now;
  }

  tell(error: NodeJS.ErrnoException): void {
    const code = error.code ?? 'internal';
    const now = performance.now();
    if (this.#said.code !== code || now - this.#said.at > SAY_AGAIN) {
      this.#said = { code, at: now };
      this.#log.error({ err: error }, `recordings cannot be written: ${error.message}`);
    }
    this.#now = { code, message: error.message, since: Date.now() / 1000 };
  }

  /** It is over. */
  clear(): void {
    this.#now = null;
  }

  /** It is over where nobody has told it for so many seconds: a recorder that fails says so each second. */
  clearAfter(seconds: number): void {
    if (this.#now && Date.now() / 1000 - this.#now.since > seconds) this.#now = null;
  }
}
