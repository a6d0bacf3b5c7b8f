import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RestartPolicy } from '../../daemon/decode/restartPolicy.ts';

const CRASH = { kind: 'failed', hardware: false } as const;
const HARDWARE_CRASH = { kind: 'failed', hardware: true } as const;
const PLANNED = { kind: 'planned' } as const;

describe('RestartPolicy', () => {
  it('restarts at once after the first crash, then waits longer each time, up to 5 s', () => {
    const policy = new RestartPolicy();
    const delays = Array.from({ length: 9 }, () => policy.ended(CRASH, 100, 0));
    assert.deepEqual(delays, [0, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
  });

  it('forgets failures after 30 s with pictures, but not after 30 s without', () => {
    const policy = new RestartPolicy();
    for (let i = 0; i < 5; i++) policy.ended(CRASH, 100, 0);
    assert.equal(policy.ended(CRASH, 31_000, 0), 3200);
    assert.equal(policy.ended(CRASH, 31_000, 400), 0);
  });

  it('restarts at once for other parameter sets, unless they change all the time', () => {
    const policy = new RestartPolicy();
    for (let i = 0; i < 5; i++) assert.equal(policy.ended(PLANNED, 5000, 70), 0);
    const flapping = Array.from({ length: 4 }, () => policy.ended(PLANNED, 50, 1));
    assert.deepEqual(flapping, [0, 200, 400, 800]);
  });

  it('gives hardware up after three failures in a row, and starts software at once', () => {
    const policy = new RestartPolicy();
    assert.equal(policy.ended(HARDWARE_CRASH, 100, 0), 0);
    assert.equal(policy.ended(HARDWARE_CRASH, 100, 0), 200);
    assert.equal(policy.software, false);
    assert.equal(policy.ended(HARDWARE_CRASH, 100, 0), 0);
    assert.equal(policy.software, true);
    policy.ended(CRASH, 60_000, 900);
    assert.equal(policy.software, true);
  });

  it('keeps hardware that fails now and then', () => {
    const policy = new RestartPolicy();
    for (let i = 0; i < 6; i++) assert.equal(policy.ended(HARDWARE_CRASH, 60_000, 900), 0);
    assert.equal(policy.software, false);
  });

  it('gives the next child twice the time when one stayed silent, up to a minute, until one is healthy', () => {
    const policy = new RestartPolicy();
    assert.equal(policy.patience, 3000);
    const patience = Array.from({ length: 6 }, () => {
      policy.ended({ ...CRASH, hung: true }, 4000, 0);
      return policy.patience;
    });
    assert.deepEqual(patience, [6000, 12_000, 24_000, 48_000, 60_000, 60_000]);
    policy.ended(CRASH, 100, 0);
    assert.equal(policy.patience, 60_000);
    policy.ended({ ...CRASH, hung: true }, 31_000, 400);
    assert.equal(policy.patience, 6000);
  });
});
