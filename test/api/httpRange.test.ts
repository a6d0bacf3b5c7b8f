import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readRange } from '../../daemon/api/httpRange.ts';

describe('a Range header', () => {
  for (const [header, wanted] of [
    ['bytes=0-', { first: 0, end: 100 }],
    ['bytes=10-19', { first: 10, end: 20 }],
    ['Bytes=99-500', { first: 99, end: 100 }],
    ['bytes=-10', { first: 90, end: 100 }],
    ['bytes=-500', { first: 0, end: 100 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-4', undefined],
    ['bytes=-', undefined],
    ['bytes=0-1,5-9', undefined],
    ['lines=1-2', undefined],
    [undefined, undefined],
  ] as const)
    it(`${header ?? '(none)'} of 100 bytes`, () => assert.deepEqual(readRange(header, 100), wanted));
});
