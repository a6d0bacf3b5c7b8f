import type { Logger } from 'pino';
import { WallJournal } from '../record/wallJournal.ts';
import type { PageEvent, ShownWall, WallChanges, WallReplay } from '../schema.ts';
import { CameraError } from './cameraError.ts';

export type Shown = Extract<PageEvent, { type: 'shown' }>;

/** What the box's own screens showed: they say so themselves, since they alone know what an operator saw. */
export class WallReplays {
  readonly #log: Logger;
  readonly #journal: WallJournal | undefined;
  #failing = false;

  /** A disk that does not let us costs the journal, not the wall. @param file of its database */
  constructor(file: string, log: Logger) {
    this.#log = log;
    try {
      this.#journal = WallJournal.open(file);
    } catch (error) {
      log.error({ err: error, file }, 'what the wall shows is not kept');
    }
  }

  /** A screen goes on showing what it said last. Never throws. */
  lives(screen: number): void {
    this.#journal?.lives(screen, Date.now() / 1000);
  }

  /** Never throws. */
  note(screen: number, { layout, tiles }: Shown): void {
    try {
      this.#journal?.note(screen, { layout, tiles }, Date.now() / 1000);
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#log.error({ err: error }, 'what the wall shows is not kept');
      this.#failing = true;
    }
  }

  /** @param at Unix seconds @throws CameraError `nothing_recorded` */
  at(screen: number, at: number): WallReplay & ShownWall {
    const found = this.#journal?.at(screen, at, Date.now() / 1000);
    if (found) return found;
    const nearest = this.#journal?.nearest(screen, at);
    const where =
      nearest === undefined
        ? 'Nothing of it is known at all.'
        : `The nearest time that is known is ${new Date(nearest * 1000).toISOString()} (${nearest.toFixed(3)}).`;
    throw new CameraError(
      404,
      'nothing_recorded',
      `What screen ${screen} showed then is not known. ${where}`,
    );
  }

  changes(screen: number, from: number, to: number): WallChanges['changes'] {
    return this.#journal?.changes(screen, from, to) ?? [];
  }

  close(): void {
    this.#journal?.end();
  }
}
