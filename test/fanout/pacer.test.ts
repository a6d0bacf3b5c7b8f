import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { Pacer } from '../../daemon/fanout/pacer.ts';

describe('the pacer', () => {
  it('ticks faster than its fastest member, all members together, and rests without members', () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const pacer = new Pacer();
      const flushed: string[] = [];
      const member = (name: string, rate: number) => ({ rate, flush: () => void flushed.push(name) });
      const leaveA = pacer.add(member('a', 10));
      const leaveB = pacer.add(member('b', 16));
      assert.equal(pacer.rate, 20);
      mock.timers.tick(100);
      assert.deepEqual(flushed.slice(0, 2), ['a', 'b']);
      leaveA();
      leaveB();
      flushed.length = 0;
      mock.timers.tick(1000);
      assert.deepEqual(flushed, []);
    } finally {
      mock.timers.reset();
    }
  });

  it('does not tick faster than 40 times a second, whatever a stream claims', () => {
    const pacer = new Pacer();
    const leave = pacer.add({ rate: 240, flush: () => {} });
    assert.equal(pacer.rate, 40);
    leave();
  });
});
