import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ALONE,
  BARE,
  DARK_REST,
  decide,
  FIRST_GRACE,
  GRACE,
  type Memory,
  NOTHING,
  type Order,
  type Seen,
  SILENCE,
  WORDLESS,
} from '../../../image/kiosk/decide.ts';
import type { Told } from '../../../image/kiosk/told.ts';

const SECOND = 1000;

/** A box with its monitors, its browsers and its daemon: carries out what was decided, as the kiosk does. */
class Box {
  now = 0;
  night = false;
  bound = 1e9;
  daemon = true;
  /** Monitors that are plugged in and switched on, and their modes. */
  readonly monitors = new Map<number, string>();
  readonly forced = new Set<number>();
  readonly windows = new Map<number, { since: number; bytes: number; hidden: boolean }>();
  /** A browser ends when its last output goes: Chromium in cage does. */
  frail = false;
  /** Pages that say nothing. */
  readonly mute = new Set<number>();
  readonly dark = new Set<number>();
  readonly turned = new Map<number, number>();
  readonly unswitchable = new Set<number>();
  /** Screens that have a number. */
  known: number[] = [];
  well = true;
  #memory: Memory = NOTHING;
  #spoke = new Map<number, number>();

  constructor(...screens: number[]) {
    this.known = screens;
    for (const screen of screens) this.monitors.set(screen, '1920x1080');
  }

  get lit(): number[] {
    return this.known.filter((screen) => this.monitors.has(screen) && !this.forced.has(screen));
  }

  #seen(): Seen[] {
    return this.known.map((screen) => {
      const connected = this.lit.includes(screen);
      const mode = connected ? (this.monitors.get(screen) ?? '') : '';
      const window = this.windows.get(screen);
      return {
        ...{ screen, connected, mode, window },
        ready: connected && mode !== '',
        switchable: !this.unswitchable.has(screen),
      };
    });
  }

  /** As the daemon does: a page's own word while it is awake, else that of any that is. */
  #told(): Told[] | undefined {
    if (!this.daemon) return undefined;
    for (const [screen, { since }] of this.windows)
      if (!this.mute.has(screen) && this.now - since > 3 * SECOND) this.#spoke.set(screen, this.now);
    const silence = (screen: number) => {
      const at = this.#spoke.get(screen);
      return at === undefined ? undefined : (this.now - at) / SECOND;
    };
    const someone = this.known.some((screen) => (silence(screen) ?? 99) < 20);
    return this.known.flatMap((screen): Told[] => {
      const dark = someone && this.dark.has(screen);
      if (silence(screen) === undefined && !dark) return [];
      return [{ screen, silent: silence(screen), dark, turned: this.turned.get(screen) ?? null }];
    });
  }

  tick(): string[] {
    const { now, night, bound } = this;
    const { memory, orders, well } = decide(this.#memory, {
      ...{ now, night, bound },
      told: this.#told(),
      seen: this.#seen(),
    });
    this.#memory = memory;
    this.well = well;
    for (const order of orders) this.#carryOut(order);
    return orders.map((order) => `${order.do} ${order.screen}`);
  }

  #carryOut({ do: what, screen }: Order): void {
    if (what === 'start') {
      assert.ok(
        this.lit.includes(screen),
        `without an output weston falls over the window of screen ${screen}`,
      );
      assert.ok(!this.windows.has(screen), 'one window for each screen');
      this.windows.set(screen, { since: this.now, bytes: 1e8, hidden: false });
    }
    if (what === 'hide') {
      assert.equal(this.lit.length, 0, 'nobody sees it');
      assert.equal(this.windows.size, 0, 'one is enough');
      this.windows.set(screen, { since: this.now, bytes: 1e8, hidden: true });
    }
    if (what === 'stop') assert.ok(this.windows.delete(screen), `nothing to stop at screen ${screen}`);
    if (what === 'off') this.forced.add(screen);
    if (this.frail && this.lit.length === 0)
      for (const [one, { hidden }] of this.windows) if (!hidden) this.windows.delete(one);
    if (what === 'on') this.forced.delete(screen);
  }

  /** Seconds pass. @returns all that was done */
  pass(seconds: number): string[] {
    const done: string[] = [];
    for (let i = 0; i < seconds; i++) {
      this.now += SECOND;
      done.push(...this.tick());
    }
    return done;
  }
}

const started = (...screens: number[]) => {
  const box = new Box(...screens);
  box.pass(10);
  return box;
};

describe('windows', () => {
  it('come one for each output, one after the other', () => {
    const box = new Box(1, 2);
    assert.deepEqual(box.tick(), ['start 1']);
    assert.deepEqual(box.pass(3), []);
    assert.deepEqual(box.pass(2), ['start 2'], 'the first has spoken');
    const slow = new Box(1, 2);
    slow.mute.add(1);
    assert.deepEqual(slow.pass(ALONE / SECOND), ['start 1']);
    assert.deepEqual(slow.pass(2), ['start 2'], 'the first has had its time');
    assert.deepEqual(started(1, 2).pass(600), []);
  });

  it('wait for a monitor, for its modes and for the compositor', () => {
    const box = new Box();
    box.known = [1];
    assert.deepEqual(box.pass(30), []);
    assert.ok(box.well, 'no monitor is no fault');
    box.monitors.set(1, '');
    const bare = box.pass((2 * BARE) / SECOND + 1);
    assert.deepEqual(bare, ['detect 1', 'detect 1'], 'a monitor without modes is looked at again');
    box.monitors.set(1, '1280x720');
    assert.deepEqual(box.tick(), ['start 1']);
  });

  it('that ended are started anew', () => {
    const box = started(1, 2);
    box.windows.delete(2);
    assert.deepEqual(box.tick(), ['start 2']);
  });
});

describe('a monitor that is switched off or unplugged', () => {
  it('finds its wall again when it is the only one: the window has stayed', () => {
    const box = started(1);
    box.monitors.delete(1);
    assert.deepEqual(box.pass(3600), []);
    box.monitors.set(1, '1920x1080');
    assert.deepEqual(box.pass(60), []);
  });

  it('gets a new window when it is another monitor by then', () => {
    const box = started(1);
    box.monitors.delete(1);
    box.pass(5);
    box.monitors.set(1, '1280x1024');
    assert.deepEqual(box.pass(2), ['stop 1', 'start 1']);
  });

  it('loses its window to leave the other one’s uncovered, and gets a new one', () => {
    for (const [gone, stays] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const box = started(1, 2);
      box.monitors.delete(gone);
      assert.deepEqual(box.pass(60), [`stop ${gone}`]);
      const { since } = box.windows.get(stays)!;
      box.monitors.set(gone, '1920x1080');
      assert.deepEqual(box.pass(60), [`start ${gone}`]);
      assert.equal(box.windows.get(stays)?.since, since, 'the other one goes on');
    }
  });

  it('both of them: each window is put where its monitor is when they are back', () => {
    const box = started(1, 2);
    box.monitors.clear();
    box.pass(30);
    box.monitors.set(2, '1920x1080').set(1, '1920x1080');
    const done = box.pass(30);
    assert.ok(done.includes('start 1') && done.includes('start 2'), done.join());
    assert.deepEqual([...box.windows.keys()].sort(), [1, 2]);
  });

  it('a second one that comes later gets a window, and the first goes on', () => {
    const box = started(1);
    box.known = [1, 2];
    box.monitors.set(2, '1920x1080');
    assert.deepEqual(box.pass(60), ['start 2']);
  });
});

describe('dark hours', () => {
  it('switch the output off after a rest and on at once, and the only window stays', () => {
    const box = started(1);
    const { since } = box.windows.get(1)!;
    box.dark.add(1);
    assert.deepEqual(box.pass(DARK_REST / SECOND), []);
    assert.deepEqual(box.pass(3600), ['off 1']);
    box.dark.delete(1);
    assert.deepEqual(box.tick(), ['on 1']);
    assert.deepEqual(box.pass(600), []);
    assert.equal(box.windows.get(1)?.since, since);
  });

  it('that last a moment switch nothing', () => {
    const box = started(1);
    for (let i = 0; i < 20; i++) {
      box.dark.add(1);
      assert.deepEqual(box.pass(5), []);
      box.dark.delete(1);
      assert.deepEqual(box.pass(2), []);
    }
  });

  it('of one of two take its window, and give it back', () => {
    for (const [off, on] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const box = started(1, 2);
      const { since } = box.windows.get(on)!;
      box.dark.add(off);
      assert.deepEqual(box.pass(3600), [`stop ${off}`, `off ${off}`]);
      box.dark.delete(off);
      assert.deepEqual(box.pass(60), [`on ${off}`, `start ${off}`]);
      assert.equal(box.windows.get(on)?.since, since, 'the other one goes on');
    }
  });

  it('of both leave one page that says when they end, and the last output goes first', () => {
    const box = started(1, 2);
    box.dark.add(1).add(2);
    assert.deepEqual(box.pass(3600), ['stop 2', 'off 2', 'off 1']);
    assert.deepEqual([...box.windows.keys()], [1]);
    box.dark.clear();
    const done = box.pass(60);
    assert.deepEqual(done, ['on 1', 'on 2', 'stop 1', 'start 2', 'start 1']);
  });

  it('that end for one of both light that one, while its page takes its time to come', () => {
    const box = started(1, 2);
    box.dark.add(1).add(2);
    box.pass(600);
    box.dark.delete(2);
    box.mute.add(2);
    assert.deepEqual(box.pass(60), ['stop 1', 'on 2', 'start 2']);
    box.mute.delete(2);
    assert.deepEqual(box.pass(600), []);
    assert.deepEqual(box.lit, [2]);
  });

  it('end when nobody speaks any more: better a lit screen than none', () => {
    const box = started(1);
    box.dark.add(1);
    box.pass(60);
    box.windows.delete(1);
    box.mute.add(1);
    assert.deepEqual(box.pass(60), ['hide 1']);
    assert.deepEqual(box.pass(GRACE / SECOND), ['on 1', 'stop 1', 'start 1']);
  });

  it('are judged by a hidden page where the browser ends with its output', () => {
    const one = started(1);
    one.frail = true;
    one.dark.add(1);
    assert.deepEqual(one.pass(3600), ['off 1', 'hide 1']);
    one.dark.delete(1);
    assert.deepEqual(one.pass(600), ['on 1', 'stop 1', 'start 1']);

    const two = started(1, 2);
    two.frail = true;
    two.dark.add(1).add(2);
    assert.deepEqual(two.pass(3600), ['stop 2', 'off 2', 'off 1', 'hide 1']);
    two.dark.delete(2);
    assert.deepEqual(two.pass(600), ['stop 1', 'on 2', 'start 2']);
  });

  it('outlast a daemon that starts anew, and not one that does not come back', () => {
    const box = started(1);
    box.dark.add(1);
    box.pass(60);
    box.daemon = false;
    assert.deepEqual(box.pass(60), []);
    box.daemon = true;
    assert.deepEqual(box.pass(60), []);
    box.daemon = false;
    assert.deepEqual(box.pass(WORDLESS / SECOND + 5), ['on 1']);
  });

  it('leave an output alone that we may not switch: its page is black', () => {
    const box = started(1, 2);
    box.unswitchable.add(1).add(2);
    box.dark.add(1).add(2);
    assert.deepEqual(box.pass(600), []);
    assert.equal(box.windows.size, 2);
  });
});

describe('a page that says nothing', () => {
  it('is given a new window, and only it', () => {
    const box = started(1, 2);
    box.mute.add(2);
    const done = box.pass(SILENCE / SECOND + 21);
    assert.deepEqual(done, ['stop 2', 'start 2']);
    box.mute.clear();
    assert.deepEqual(box.pass(600), []);
    assert.ok(box.well);
  });

  it('is a fault of the whole kiosk when new windows do not help, unless another one paints', () => {
    const two = started(1, 2);
    two.mute.add(2);
    const done = two.pass(900);
    assert.deepEqual(done, ['stop 2', 'start 2', 'stop 2', 'start 2']);
    assert.ok(two.well, 'the first one still shows its wall');

    const one = started(1);
    one.mute.add(1);
    one.pass(SILENCE / SECOND + 2 * (GRACE / SECOND));
    assert.ok(one.well, 'the last try is still under way');
    one.pass(GRACE / SECOND + 60);
    assert.ok(!one.well);
    one.mute.clear();
    one.pass(5);
    assert.ok(one.well);
  });

  it('is waited for longer on a machine that takes its time', () => {
    const box = new Box(1);
    box.mute.add(1);
    box.pass(100);
    box.mute.clear();
    box.pass(10);
    box.windows.delete(1);
    box.mute.add(1);
    assert.deepEqual(box.pass(300), ['start 1']);
    assert.deepEqual(box.pass(20), ['stop 1', 'start 1']);
  });

  it('is waited for long on a machine that starts', () => {
    const box = new Box(1);
    box.mute.add(1);
    assert.deepEqual(box.pass(FIRST_GRACE / SECOND), ['start 1']);
    assert.deepEqual(box.pass(5), ['stop 1', 'start 1']);
  });

  it('is not taken for the one before, whose last word is still fresh', () => {
    const box = started(1);
    box.windows.delete(1);
    box.mute.add(1);
    assert.deepEqual(box.pass(GRACE / SECOND - 5), ['start 1']);
  });

  it('cannot speak without a daemon, nor on an output that is gone', () => {
    const box = started(1);
    box.daemon = false;
    assert.deepEqual(box.pass(3600), []);
    assert.ok(box.well);
    box.daemon = true;
    box.mute.add(1);
    box.monitors.clear();
    assert.deepEqual(box.pass(3600), []);
  });
});

describe('a browser that has grown too large', () => {
  const grown = (bytes: number) => {
    const box = started(1);
    box.turned.set(1, 5);
    box.windows.get(1)!.bytes = bytes;
    return box;
  };

  it('is started anew when the wall turns to another layout', () => {
    const box = grown(1.1e9);
    assert.deepEqual(box.pass(600), []);
    box.turned.set(1, 700);
    assert.deepEqual(box.pass(2), ['stop 1', 'start 1']);
    assert.deepEqual(box.pass(600), []);
  });

  it('or at night', () => {
    const box = grown(1.1e9);
    box.pass(60);
    box.night = true;
    assert.deepEqual(box.pass(2), ['stop 1', 'start 1']);
  });

  it('or at once when it is far too large', () => {
    assert.deepEqual(grown(1.6e9).pass(2), ['stop 1', 'start 1']);
  });

  it('is left alone when it has shrunk meanwhile', () => {
    const box = grown(1.1e9);
    box.pass(60);
    box.windows.get(1)!.bytes = 1e8;
    box.pass(5);
    box.turned.set(1, 800);
    assert.deepEqual(box.pass(60), []);
  });
});
