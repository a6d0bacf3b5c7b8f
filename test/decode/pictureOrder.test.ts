import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSelected } from '../../daemon/decode/ffmpegArgs.ts';
import { PictureOrder } from '../../daemon/decode/pictureOrder.ts';

const ALL = { burst: 0, perMille: 1000 };

describe('PictureOrder', () => {
  it('gives each picture the time of its unit, with a burst and a frame-rate limit', () => {
    const select = { burst: 5, perMille: 400 };
    const order = new PictureOrder(select);
    const expected: number[] = [];
    const got: number[] = [];
    for (let n = 0; n < 40; n++) {
      order.fed(1000 + n, n);
      if (!isSelected(select, n)) continue;
      expected.push(1000 + n);
      got.push(order.picture(n));
    }
    assert.deepEqual(got, expected);
    assert.equal(order.pending, 0);
  });

  it('after a lost picture takes pictures for older, never for fresher, until the loss is given up', () => {
    const order = new PictureOrder(ALL);
    const times: number[] = [];
    for (let n = 0; n < 10; n++) {
      order.fed(n, n * 100);
      if (n !== 3) times.push(order.picture(n * 100));
    }
    assert.deepEqual(times, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    assert.equal(order.backlogAge(900), 500);
    order.giveUpPending();
    assert.equal(order.lost, 1);
    assert.equal(order.backlogAge(900), 0);
    order.fed(10, 1000);
    assert.equal(order.picture(1000), 10);
  });

  it('after a loss predicts the selection as the filter makes it, which counts decoded pictures only', () => {
    const select = { burst: 0, perMille: 500 };
    const order = new PictureOrder(select);
    // n = 0 dark, 1 shown, 2 dark, then the decoder swallows one: the filter's 3 is our 4.
    for (let n = 0; n < 3; n++) order.fed(n, n);
    assert.equal(order.picture(3), 1);
    order.fed(3, 3);
    assert.equal(order.pending, 1);
    order.giveUpPending();
    order.fed(4, 4);
    assert.equal(order.picture(4), 4);
    order.fed(5, 5);
    assert.equal(order.pending, 0);
  });

  it('takes a backlog that was never empty for what the decoder keeps inside', () => {
    const order = new PictureOrder(ALL);
    for (let n = 0; n < 10; n++) {
      order.fed(n, n);
      if (n >= 2) assert.equal(order.picture(n), n - 2);
    }
    assert.ok(order.backlogAge(100) > 0);
    order.giveUpPending();
    assert.equal(order.lost, 0);
    order.fed(10, 10);
    assert.equal(order.picture(10), 8);
    assert.equal(order.backlogAge(1000), 0);
  });

  it('takes a picture too many for the newest unit', () => {
    const order = new PictureOrder(ALL);
    order.fed(7, 0);
    assert.equal(order.picture(0), 7);
    assert.equal(order.picture(0), 7);
  });
});
