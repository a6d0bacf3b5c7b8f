import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pagesOf, problemsOf } from '../../kiosk-ui/wall/problems.ts';

describe('problemsOf', () => {
  it('names a single camera, and counts several since the first of them', () => {
    assert.deepEqual(
      problemsOf([
        { kind: 'unchanged', name: 'Front door', since: 500 },
        { kind: 'gone', name: 'Roof', since: 300 },
        { kind: 'gone', name: 'Yard', since: 200 },
      ]),
      [
        { kind: 'gone', name: undefined, count: 2, since: 200 },
        { kind: 'unchanged', name: 'Front door', count: 1, since: 500 },
      ],
    );
  });

  it('is empty when all is well', () => {
    assert.deepEqual(problemsOf([]), []);
  });
});

describe('pagesOf', () => {
  it('puts as many on a page as there is room for, and leaves none out', () => {
    assert.deepEqual(pagesOf(['aaaa', 'bbbb', 'cccc'], 15), [['aaaa', 'bbbb'], ['cccc']]);
    assert.deepEqual(pagesOf(['a'.repeat(99), 'b'], 15), [['a'.repeat(99)], ['b']]);
    assert.deepEqual(pagesOf([], 15), []);
  });
});
