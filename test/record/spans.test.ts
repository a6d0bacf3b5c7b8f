import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Span, spansOf } from '../../daemon/record/spans.ts';

const segment = (from: number, until: number, more: Partial<Span> = {}): Span => ({
  ...{ from, until, protected: false, open: false },
  ...more,
});

describe('segments on a timeline', () => {
  it('are one span up to a gap of half a second', () => {
    const segments = [segment(0, 60_000), segment(60_400, 120_000), segment(120_501, 180_000)];
    assert.deepEqual(spansOf(segments), [segment(0, 120_000), segment(120_501, 180_000)]);
  });

  it('are two where one is protected', () => {
    const kept = segment(60_000, 120_000, { protected: true });
    assert.equal(spansOf([segment(0, 60_000), kept, segment(120_000, 180_000)]).length, 3);
  });

  it('are open where the last of them is, and never end before the longest', () => {
    const open = segment(50_000, 55_000, { open: true });
    assert.deepEqual(spansOf([segment(0, 60_000), open]), [segment(0, 60_000, { open: true })]);
  });
});
