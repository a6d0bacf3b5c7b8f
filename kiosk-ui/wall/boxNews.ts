import { signal } from '@preact/signals';
import type { ProvisionReport, Session, Update } from '../../daemon/schema.ts';
import { dismissUpdateNotice, readProvisioning, readUpdate } from '../api/client.ts';
import { say } from '../i18n/wallTexts.ts';
import { keyOf, type Notice, noticeOf, placeOf } from './notice.ts';

/** Milliseconds between two readings that failed, and on the first run, where no socket tells what is new. */
const PAUSE = 5_000;

export interface NewsFacts {
  /** Milliseconds of the page's clock. */
  now: number;
  touchedAt: number;
  entrance: string;
  session: Session | undefined;
  /** There is no camera, as far as is known: the page itself shows what a stick brought. */
  empty: boolean;
}

/** What the box says of itself: an update that is under way or did not work, what a stick brought. */
export class BoxNews {
  /** What lies over the wall. */
  readonly band = signal<Notice | undefined>(undefined);
  /** The same as one sentence, for the line at the bottom; empty: it lies over the wall, or there is none. */
  readonly line = signal('');
  readonly report = signal<ProvisionReport | undefined>(undefined);
  #update: Update | undefined;
  #stale = true;
  #reading = false;
  #nextAt = 0;
  #key = '';
  #since = 0;
  /** When what the stick brought was reported, by the page's clock. */
  #reportedAt = 0;
  #dismissed = new Set<string>();
  #mayDismiss = false;

  /** Read it again. */
  reread(): void {
    this.#stale = true;
    this.#nextAt = 0;
  }

  tick(facts: NewsFacts): void {
    const { session, now } = facts;
    this.#mayDismiss = session?.kind === 'screen' || session?.role === 'admin';
    this.#read(facts);
    const found = noticeOf(this.#update, facts.empty ? undefined : this.report.peek());
    const key = found ? keyOf(found) : '';
    if (key !== this.#key) {
      this.#key = key;
      this.#since = found?.kind === 'provisioned' ? this.#reportedAt : now;
    }
    const notice = this.#dismissed.has(key) ? undefined : found;
    const place = notice ? placeOf(notice, now, this.#since, facts.touchedAt) : 'none';
    const band = place === 'band' ? notice : undefined;
    if (JSON.stringify(band) !== JSON.stringify(this.band.peek())) this.band.value = band;
    this.line.value = notice && place === 'line' ? lineOf(notice) : '';
  }

  /** Somebody has read it. False: there is nothing that could be sent away. */
  dismiss(): boolean {
    const band = this.band.peek();
    if (!band || !isDismissible(band)) return false;
    this.#dismissed.add(keyOf(band));
    this.band.value = undefined;
    // Off this page in any case; off all others where whoever looks here may say so.
    if (band.kind === 'rolledBack' && this.#mayDismiss) void dismissUpdateNotice();
    return true;
  }

  #read({ now, entrance, session }: NewsFacts): void {
    if (this.#reading || now < this.#nextAt) return;
    if (entrance === 'pairing') this.#stale = true;
    else if (entrance !== 'wall') return;
    if (!this.#stale) return;
    this.#stale = false;
    this.#reading = true;
    this.#nextAt = now + PAUSE;
    void this.#once(session).then((done) => {
      this.#reading = false;
      if (!done) this.#stale = true;
    });
  }

  async #once(session: Session | undefined): Promise<boolean> {
    const mayRead = session?.kind === 'screen' || session?.role === 'admin';
    const [update, provisioning] = await Promise.all([
      readUpdate(),
      mayRead ? readProvisioning() : undefined,
    ]);
    if (update.ok) this.#update = update.value;
    if (provisioning?.ok) {
      this.report.value = provisioning.value.report ?? undefined;
      this.#reportedAt = performance.now() - (provisioning.value.age ?? 0) * 1000;
    }
    // What is refused now is refused the next time too.
    return [update, provisioning].every((answer) => !answer || answer.ok || answer.status !== undefined);
  }
}

/** What is under way is no news that one has read. */
export function isDismissible({ kind }: Notice): boolean {
  return kind === 'rolledBack' || kind === 'provisioned';
}

/** Without the reason, which may be long. */
export function sentenceOf(notice: Notice): string {
  switch (notice.kind) {
    case 'installing': {
      const { version, percent } = notice;
      return percent === undefined
        ? say('updateInstalling', { version })
        : say('updateInstallingPart', { version, percent });
    }
    case 'restarting':
      return say('updateRestarting', { version: notice.version });
    case 'confirming':
      return say('updateConfirming', { version: notice.version });
    case 'rolledBack':
      return say('updateRolledBack', { version: notice.version, running: notice.running });
    case 'provisioned':
      return '';
  }
}

function lineOf(notice: Notice): string {
  const leave = notice.kind === 'installing' || notice.kind === 'restarting';
  return leave ? `${sentenceOf(notice)} – ${say('updateLeaveOn')}` : sentenceOf(notice);
}
