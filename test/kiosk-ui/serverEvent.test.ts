import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { backoff } from '../../kiosk-ui/api/backoff.ts';
import { parseServerEvent } from '../../kiosk-ui/api/serverEvent.ts';

describe('parseServerEvent', () => {
  it('reads the events that it knows', () => {
    const hello = { type: 'hello', instance: 'i', version: '1' };
    assert.deepEqual(parseServerEvent(JSON.stringify(hello)), hello);
  });

  it('passes over what a newer daemon may say, and over what is no JSON', () => {
    for (const data of [
      '{"type":"weather"}',
      '{',
      'null',
      '[]',
      '7',
      '"hello"',
      undefined,
      new ArrayBuffer(2),
    ]) {
      assert.equal(parseServerEvent(data), undefined);
    }
  });
});

describe('backoff', () => {
  it('doubles up to the longest pause', () => {
    const pauses = [1, 2, 3, 4, 1000].map((failures) => backoff(failures, 500, 3_000, 0.5));
    assert.deepEqual(pauses, [500, 1_000, 2_000, 3_000, 3_000]);
  });

  it('spreads by a fifth either way', () => {
    assert.equal(backoff(1, 500, 3_000, 0), 400);
    assert.ok(backoff(1, 500, 3_000, 0.999) < 600);
  });
});
