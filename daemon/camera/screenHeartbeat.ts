import { MOST_SCREENS, type PageEvent, type ScreenState, type System } from '../schema.ts';

type Painted = Extract<PageEvent, { type: 'painted' }>;
type Said = Pick<Painted, 'tiles' | 'dark' | 'turns'>;

/** Milliseconds. A page speaks once a second; one that was silent for so long is asleep, or gone. */
const AWAKE = 20_000;

interface Screen {
  /** `performance.now()` */
  at: number;
  unix: number;
  tiles: number;
  painting: number;
  /** Of all screens, as far as this one's page knows. */
  dark: readonly number[] | undefined;
  turns: number | undefined;
  turned: number | null;
}

/** What the box's own screens last said of themselves. No word for long means that nobody sees anything. */
export class ScreenHeartbeat {
  readonly #screens = new Map<number, Screen>();

  /** The page on a screen has said what it paints. */
  beat({ tiles, dark, turns }: Said, screen = 1): void {
    const before = this.#screens.get(screen);
    const unix = Date.now() / 1000;
    const another = turns !== undefined && before?.turns !== undefined && turns !== before.turns;
    this.#screens.set(screen, {
      at: performance.now(),
      unix,
      tiles: tiles.length,
      painting: tiles.filter(({ hash }) => hash !== null).length,
      ...{ dark, turns },
      turned: another ? unix : (before?.turned ?? null),
    });
  }

  /** When the last of them spoke, `performance.now()` milliseconds, for watchdogs; undefined: none has said anything yet. */
  get lastScreenHeartbeat(): number | undefined {
    return this.#latest()?.at;
  }

  /** The first that is awake, else the last that was; null: no screen has said anything since the daemon began. */
  state(): System['screen'] {
    const now = performance.now();
    const inOrder = [...this.#screens].toSorted(([a], [b]) => a - b).map(([, screen]) => screen);
    const screen = inOrder.find(({ at }) => now - at < AWAKE) ?? this.#latest();
    return screen ? { heartbeat: screen.unix, tiles: screen.tiles, painting: screen.painting } : null;
  }

  /**
   * Every screen that has spoken, or that another one spoke of: one that is dark may have no page of its own. Whether it is
   * to be dark is its own word while it is awake, else that of the one that spoke last.
   */
  screens(): ScreenState[] {
    const now = performance.now();
    const latest = this.#latest();
    const others = latest && now - latest.at < AWAKE ? (latest.dark ?? []) : [];
    const numbers = Array.from({ length: MOST_SCREENS }, (_, index) => index + 1);
    return numbers.flatMap((screen): ScreenState[] => {
      const own = this.#screens.get(screen);
      if (!own && !others.includes(screen)) return [];
      const awake = own !== undefined && now - own.at < AWAKE;
      const dark = (awake && own.dark ? own.dark : others).includes(screen);
      const { unix: heartbeat = null, tiles = 0, painting = 0, turned = null } = own ?? {};
      return [{ screen, heartbeat, tiles, painting, dark, turned }];
    });
  }

  #latest(): Screen | undefined {
    return [...this.#screens.values()].toSorted((a, b) => b.at - a.at)[0];
  }
}
