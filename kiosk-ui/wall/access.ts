import { computed, signal } from '@preact/signals';
import type { Pairing, Session, Settings } from '../../daemon/schema.ts';
import { readPairing, readSession, readSettings } from '../api/client.ts';
import { timeZone } from '../i18n/format.ts';
import { startLanguage } from '../i18n/languageChoice.ts';

/** Milliseconds between two questions while this page may not see the wall yet, and after one without an answer. */
const PAUSE = 2_000;

/** What the wall needs of the box's settings. Until they are read: nothing that could be wrong. */
export type WallSettings = Pick<
  Settings,
  | 'name'
  | 'time_zone'
  | 'wall_clock'
  | 'wall_names'
  | 'wall_recording_mark'
  | 'wall_audio_mark'
  | 'wall_alarm_sound'
  | 'viewers_ptz'
  | 'viewers_talk'
  | 'unchanged_seconds'
>;
const UNREAD: WallSettings = {
  name: 'Walleye',
  time_zone: '',
  wall_clock: false,
  wall_names: true,
  wall_recording_mark: false,
  wall_audio_mark: false,
  wall_alarm_sound: false,
  viewers_ptz: false,
  viewers_talk: false,
  unchanged_seconds: 0,
};

/** starting: not known yet · pairing: the box's own screen on the first run · setUp: another browser on the first run */
export type Entrance = 'starting' | 'wall' | 'pairing' | 'setUp' | 'signIn';

/** Who looks at the wall, and what the box is set to. */
export class Access {
  readonly settings = signal<WallSettings>(UNREAD);
  readonly pairing = signal<Pairing | undefined>(undefined);
  readonly session = signal<Session | undefined>(undefined);
  readonly entrance = computed(() => entranceOf(this.session.value, this.pairing.value));
  readonly #screen: number;
  #stale = true;
  #reading = false;
  #nextAt = 0;

  /** @param screen which of the box's screens this may be */
  constructor(screen: number) {
    this.#screen = screen;
  }

  /** Read it again. */
  reread(): void {
    this.#stale = true;
    this.#nextAt = 0;
  }

  /** Moves cameras: administrators always, others where the box is set so. */
  get mayMove(): boolean {
    const { value } = this.session;
    return value?.role === 'admin' || this.settings.value.viewers_ptz;
  }

  /** Talks through cameras: administrators always, others where the box is set so. */
  get mayTalk(): boolean {
    const { value } = this.session;
    return value?.role === 'admin' || this.settings.value.viewers_talk;
  }

  /** `now` in milliseconds of the page's clock. */
  tick(now: number): void {
    if (this.#reading || now < this.#nextAt) return;
    if (!this.#stale && this.entrance.peek() === 'wall') return;
    this.#reading = true;
    this.#stale = false;
    this.#nextAt = now + PAUSE;
    void this.#read().then((done) => {
      this.#reading = false;
      if (!done) this.#stale = true;
    });
  }

  async #read(): Promise<boolean> {
    const session = await readSession();
    if (!session.ok) return false;
    const { kind, paired, auth_required } = session.value;
    let pairing: Pairing | undefined;
    if (kind === 'screen' && !paired && auth_required) {
      const answer = await readPairing(this.#screen);
      if (answer.ok) pairing = answer.value;
      else if (answer.status === undefined) return false;
    }
    if (kind !== 'none') {
      const settings = await readSettings();
      if (settings.ok) {
        this.settings.value = settings.value;
        timeZone.value = settings.value.time_zone;
        startLanguage(settings.value.language);
      } else if (settings.status === undefined) return false;
    }
    this.pairing.value = pairing;
    if (JSON.stringify(session.value) !== JSON.stringify(this.session.peek())) {
      this.session.value = session.value;
    }
    return true;
  }
}

function entranceOf(session: Session | undefined, pairing: Pairing | undefined): Entrance {
  if (!session) return 'starting';
  if (session.kind === 'none') return session.paired ? 'signIn' : 'setUp';
  return pairing ? 'pairing' : 'wall';
}
