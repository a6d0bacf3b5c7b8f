import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Degradation, type Watched } from '../../daemon/camera/degradation.ts';

interface Fed {
  packets?: number;
  lost?: number;
  pictures?: number;
  dropped?: number;
}

/** A stream that is looked at every 1.1 seconds. `go` lets so many looks pass, with so much in each. */
function watched() {
  const sums = { packets_received: 0, packets_lost: 0, frames_received: 0, frames_dropped: 0 };
  const stream = {
    ...{ state: 'live' as Watched['state'], connects: 1, source: { name: 'gate_main' } },
    counters: { sums },
  };
  const degradation = new Degradation(() => [stream]);
  let now = 50_000;
  const go = (looks: number, { packets = 400, lost = 0, pictures = 25, dropped = 0 }: Fed = {}) => {
    for (let look = 0; look < looks; look++) {
      sums.packets_received += packets;
      sums.packets_lost += lost;
      sums.frames_received += pictures;
      sums.frames_dropped += dropped;
      now += 1_100;
      degradation.look(now);
    }
    return degradation.of('gate_main');
  };
  return { stream, go };
}

describe('a stream that is live', () => {
  it('is well where nothing is lost, or once', () => {
    const { go } = watched();
    assert.equal(go(30), undefined);
    assert.equal(go(1, { lost: 300, dropped: 20 }), undefined);
    assert.equal(go(30), undefined);
  });

  it('is degraded while packets are lost again and again, and well when that is over', () => {
    const { go } = watched();
    const { packets_lost = 0, pictures_lost } = go(15, { packets: 380, lost: 20 }) ?? {};
    assert.ok(packets_lost > 0.045 && packets_lost < 0.055, `${packets_lost}`);
    assert.equal(pictures_lost, 0);
    assert.equal(go(12), undefined);
  });

  it('is degraded while pictures come broken, whatever became of the packets', () => {
    const { go } = watched();
    const { packets_lost, pictures_lost = 0 } = go(15, { pictures: 20, dropped: 5 }) ?? {};
    assert.equal(packets_lost, 0);
    assert.ok(pictures_lost > 0.15 && pictures_lost < 0.25, `${pictures_lost}`);
  });

  it('is looked at anew in another session, and not at all while it is not live', () => {
    const { stream, go } = watched();
    assert.ok(go(15, { lost: 20 }));
    stream.connects = 2;
    assert.equal(go(5, { lost: 20 }), undefined);
    assert.ok(go(10, { lost: 20 }));
    stream.state = 'stalled';
    assert.equal(go(1, { lost: 20 }), undefined);
  });
});
