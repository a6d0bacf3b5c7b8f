/** What the wall showed, found again by its time. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { WallJournal } from '../../daemon/record/wallJournal.ts';
import type { ShownState, ShownWall } from '../../daemon/schema.ts';

const T = 1_795_000_000;
const wall = (layout: string | null, state: ShownState = 'live'): ShownWall => ({
  layout,
  tiles: [{ x: 0, y: 0, width: 1, height: 1, camera: 'door', state }],
});

describe('the journal of the wall', () => {
  let folder: string;
  let file: string;
  let journal: WallJournal;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'walleye-journal-'));
    file = join(folder, 'wall-journal.sqlite');
    journal = WallJournal.open(file);
  });
  afterEach(() => {
    journal.end();
    rmSync(folder, { recursive: true, force: true });
  });
  /** Said every twenty seconds, as pages do. */
  const shownFor = (shown: ShownWall, from: number, to: number, screen = 1) => {
    for (let at = from; at < to; at += 20) journal.note(screen, shown, at);
  };
  const layoutAt = (at: number, now = T + 10_000, screen = 1) => journal.at(screen, at, now)?.layout;

  it('tells what was shown at a time, from when until when', () => {
    shownFor(wall('day'), T, T + 100);
    shownFor(wall('night'), T + 100, T + 200);
    assert.deepEqual(journal.at(1, T + 50, T + 185), {
      ...wall('day'),
      at: T + 50,
      since: T,
      until: T + 100,
    });
    assert.deepEqual(journal.at(1, T + 100, T + 185), {
      ...wall('night'),
      ...{ at: T + 100, since: T + 100, until: null },
    });
    assert.equal(journal.at(1, T - 1, T), undefined);
    assert.equal(journal.at(2, T + 50, T + 185), undefined, 'of another screen nothing is known');
  });

  it('has a row for each change of a camera’s state, and none for what is said again', () => {
    shownFor(wall('day'), T, T + 100);
    journal.note(1, wall('day', 'gone'), T + 101);
    journal.note(1, wall('day'), T + 140);
    assert.deepEqual(journal.changes(1, T, T + 1_000), [
      { at: T, layout: 'day' },
      { at: T + 101, layout: 'day' },
      { at: T + 140, layout: 'day' },
    ]);
    assert.deepEqual(journal.changes(1, T + 101, T + 140), [{ at: T + 101, layout: 'day' }]);
    assert.equal(journal.at(1, T + 120, T + 141)?.tiles[0]?.state, 'gone');
  });

  it('writes at most one row a second: the newest counts', () => {
    for (let i = 0; i <= 100; i++) journal.note(1, wall(i % 2 ? 'a' : 'b'), T + i / 10);
    assert.ok(journal.changes(1, T, T + 60).length <= 11);
    assert.equal(layoutAt(T + 10), 'b');
  });

  it('does not pretend to know while the page said nothing', () => {
    shownFor(wall('day'), T, T + 50);
    shownFor(wall('day'), T + 500, T + 550);
    assert.equal(layoutAt(T + 30), 'day');
    assert.equal(layoutAt(T + 300), undefined);
    assert.equal(layoutAt(T + 520), 'day');
    assert.equal(journal.nearest(1, T + 100), T + 40);
    assert.equal(journal.nearest(1, T + 400), T + 500);
  });

  it('is there after a restart, and what went on then has an end', () => {
    shownFor(wall('day'), T, T + 50);
    journal.end();
    journal = WallJournal.open(file);
    assert.equal(journal.at(1, T + 45, T + 46)?.layout, undefined);
    assert.equal(journal.at(1, T + 40, T + 46)?.until, T + 40);
  });

  it('forgets what is older than thirty days', () => {
    shownFor(wall('old'), T, T + 30);
    shownFor(wall('new'), T + 31 * 86_400, T + 31 * 86_400 + 30);
    assert.equal(journal.changes(1, T, T + 60).length, 0);
    assert.equal(layoutAt(T + 31 * 86_400 + 10), 'new');
  });

  it('begins anew where its file is damaged, and keeps that', () => {
    journal.end();
    writeFileSync(file, 'this was a database once, now it is something else altogether. '.repeat(100));
    journal = WallJournal.open(file);
    shownFor(wall('day'), T, T + 30);
    assert.equal(layoutAt(T + 10), 'day');
    assert.ok(readdirSync(folder).includes('wall-journal.sqlite.damaged'));
  });
});

it('a screen that still paints is known to show what it said last, also when it is gone later', () => {
  const journal = WallJournal.open(':memory:');
  journal.note(1, { layout: 'both', tiles: [] }, 1_000);
  for (let at = 1_001; at <= 1_007; at++) journal.lives(1, at);
  assert.equal(journal.at(1, 1_006, 1_200)?.layout, 'both');
  assert.equal(journal.at(1, 1_008, 1_200), undefined);
  journal.end();
});
