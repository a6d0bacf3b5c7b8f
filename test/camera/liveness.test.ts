import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  PageLiveness,
  type PaintedTile,
  RELOAD_PAUSE,
  ReloadLimit,
  type Repair,
} from '../../daemon/camera/liveness.ts';

/** A page with one tile, looked at once a second. Times are milliseconds. */
class Page {
  now = 0;
  readonly liveness = new PageLiveness();
  /** Every repair and when. */
  readonly repairs: [number, Repair['action'], string][] = [];
  mayReload = true;
  reloads = 0;
  visible = true;
  /** What the page says of its tile; undefined: nothing. */
  tile: (now: number) => Partial<PaintedTile> | undefined = () => ({});
  /** When the viewer was last written another picture. */
  sent: (viewer: string, now: number) => number | undefined = (_, now) => now - 20;

  run(seconds: number): this {
    for (const end = this.now + seconds * 1000; this.now < end; ) {
      this.now += 1000;
      const said = this.tile(this.now);
      const tiles = said ? [{ viewer: 'page.3-1', hash: 1, same_ms: 0, ...said }] : [];
      const repairs = this.liveness.look({
        ...{ tiles, visible: this.visible, now: this.now },
        changedAt: (viewer) => this.sent(viewer, this.now),
        mayReload: () => {
          if (this.mayReload) this.reloads++;
          return this.mayReload;
        },
      });
      for (const { action, viewer } of repairs) this.repairs.push([this.now, action, viewer]);
    }
    return this;
  }
}
/** Painted last at that time, and the same since. */
const still =
  (since: number, hash: number | null = 1) =>
  (now: number) => ({ hash, same_ms: now - since });
const actions = (page: Page) => page.repairs.map(([, action]) => action);

describe('a tile is left alone', () => {
  const fine: [string, (page: Page) => void][] = [
    ['whose picture moves', (page) => (page.tile = (now) => ({ hash: now, same_ms: 300 }))],
    [
      'whose camera sends the very same picture',
      (page) => {
        page.tile = still(0);
        page.sent = () => -5_000;
      },
    ],
    [
      'that is not sent anything',
      (page) => {
        page.tile = still(0);
        page.sent = () => undefined;
      },
    ],
    [
      'of a slow camera: a picture in five seconds, painted half a second later',
      (page) => {
        page.sent = (_, now) => Math.floor(now / 5_000) * 5_000;
        page.tile = (now) => {
          const painted = Math.floor((now - 500) / 5_000) * 5_000 + 500;
          return { hash: painted, same_ms: now - painted };
        };
      },
    ],
    [
      'on a page that is not to be seen',
      (page) => {
        page.tile = still(0);
        page.visible = false;
      },
    ],
    ['of which the page says nothing', (page) => (page.tile = () => undefined)],
  ];
  for (const [what, set] of fine) {
    it(what, () => {
      const page = new Page();
      set(page);
      assert.deepEqual(page.run(120).repairs, []);
    });
  }
});

describe('a tile that stands still although it is sent other pictures', () => {
  it('is opened anew, after two reports that say so', () => {
    const page = new Page();
    page.tile = still(0);
    page.run(6);
    assert.deepEqual(page.repairs, [[5_000, 'reopen', 'page.3-1']]);
  });

  it('as well when nothing is painted where something was', () => {
    const page = new Page();
    page.tile = (now) => (now <= 2_000 ? { hash: now, same_ms: 10 } : { hash: null, same_ms: 60_000 });
    page.run(8);
    assert.deepEqual(actions(page), ['reopen']);
  });

  it('a picture that was never painted yet gets longer', () => {
    const page = new Page();
    page.tile = still(0, null);
    page.run(6);
    assert.deepEqual(page.repairs, []);
    page.run(2);
    assert.deepEqual(actions(page), ['reopen']);
  });

  it('and moves then, is forgotten', () => {
    const page = new Page();
    page.tile = still(0);
    page.run(5);
    page.tile = (now) => ({ viewer: 'page.3-2', hash: now, same_ms: 100 });
    page.run(600);
    assert.deepEqual(actions(page), ['reopen']);
    // Later it is the first time again.
    page.tile = (now) => ({ viewer: 'page.3-2', hash: 9, same_ms: now - 605_000 });
    page.run(6);
    assert.deepEqual(actions(page), ['reopen', 'reopen']);
    assert.equal(page.reloads, 0);
  });

  it('after two in vain the page is loaded again; then once in five minutes at most', () => {
    const page = new Page();
    // The page opens it anew each time, and nothing comes of it.
    page.tile = (now) => {
      const last = page.repairs.at(-1)?.[0] ?? 0;
      return { viewer: `page.3-${page.repairs.length + 1}`, hash: 7, same_ms: now - last };
    };
    page.run(15);
    assert.deepEqual(actions(page), ['reopen', 'reopen', 'reload']);
    for (const [i, [at]] of page.repairs.entries())
      if (i > 0) assert.ok(at - page.repairs[i - 1]![0] >= 3_000, 'each had its three seconds');
    page.mayReload = false;
    page.run(290);
    assert.ok(!actions(page).slice(3).includes('reload'));
    assert.ok(page.repairs.length < 3 + 3 + 6, `not again and again: ${actions(page)}`);
    page.mayReload = true;
    page.run(120);
    assert.equal(actions(page).filter((action) => action === 'reload').length >= 2, true);
  });

  it('that the page opened anew by itself is written down, once', () => {
    const page = new Page();
    page.tile = still(0);
    page.run(4);
    page.tile = (now) => ({ viewer: 'page.3-2', hash: now, same_ms: 100 });
    page.run(20);
    assert.deepEqual(page.repairs, [[5_000, 'itself', 'page.3-1']]);
  });

  it('that was opened anew at our word is not taken for one that the page opened by itself', () => {
    const page = new Page();
    page.tile = still(0);
    page.run(5);
    page.tile = (now) => ({ viewer: 'page.3-2', hash: now, same_ms: 100 });
    page.run(20);
    assert.deepEqual(actions(page), ['reopen']);
  });

  it('whose connection ends meanwhile is the business of the page', () => {
    const page = new Page();
    page.tile = still(0);
    page.sent = (_, now) => (now < 4_000 ? now - 20 : undefined);
    assert.deepEqual(page.run(60).repairs, []);
  });
});

describe('tiles', () => {
  it('are told apart by their slot', () => {
    const liveness = new PageLiveness();
    const told: string[] = [];
    for (let now = 1_000; now <= 5_000; now += 1_000) {
      const tiles = [
        { viewer: 'p.1-7', hash: 1, same_ms: now },
        { viewer: 'p.2-8', hash: now, same_ms: 20 },
        { viewer: 'p.tile4', hash: null, same_ms: now },
        { viewer: 'p.5-9', hash: 5, same_ms: now },
      ];
      const repairs = liveness.look({
        ...{ tiles, visible: true, now, mayReload: () => true },
        changedAt: () => now - 30,
      });
      told.push(...repairs.map(({ viewer }) => viewer));
    }
    assert.deepEqual(told, ['p.1-7', 'p.5-9']);
  });
});

describe('ReloadLimit', () => {
  it('allows each client one in five minutes', () => {
    const limit = new ReloadLimit();
    assert.equal(limit.allow('screen', 0), true);
    assert.equal(limit.allow('screen', RELOAD_PAUSE - 1), false);
    assert.equal(limit.allow('desk', 1), true);
    assert.equal(limit.allow('screen', RELOAD_PAUSE), true);
  });
});
