import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { pino } from 'pino';
import { type Machine, Power } from '../../daemon/system/power.ts';
import { until } from '../api/apiServer.ts';

describe('a factory reset of the box', () => {
  let stateDir: string;
  let stopped: boolean;
  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), 'walleye-power-'));
    stopped = false;
  });
  afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

  const power = (machine?: Machine) =>
    new Power({
      stateDir,
      supervised: true,
      canReplaceItself: false,
      stop: () => {
        stopped = true;
      },
      log: pino({ level: 'silent' }),
      ...(machine ? { machine } : {}),
    });
  const isOwn = () => existsSync(join(stateDir, 'factory-reset'));

  it('is root’s where it is an appliance: the daemon plays on until the machine goes down', async () => {
    let ordered = 0;
    power({ supported: true, factoryReset: () => void ordered++ }).factoryReset();
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.deepEqual([ordered, isOwn(), stopped], [1, false, false]);
  });

  it('is the daemon’s own elsewhere', async () => {
    const refuse = () => assert.fail('nobody is there to take it');
    power({ supported: false, factoryReset: refuse }).factoryReset();
    assert.ok(isOwn());
    await until(() => stopped, 'the stop');
  });

  it('is the daemon’s own where the order cannot be left', async () => {
    const machine = {
      supported: true,
      factoryReset: () => {
        throw new Error('ENOSPC');
      },
    };
    power(machine).factoryReset();
    assert.ok(isOwn());
    await until(() => stopped, 'the stop');
  });

  it('is the daemon’s own where nobody took the order', async () => {
    let notTaken = () => {};
    const machine = {
      supported: true,
      factoryReset: (late: () => void) => {
        notTaken = late;
      },
    };
    power(machine).factoryReset();
    assert.equal(isOwn(), false);
    notTaken();
    assert.ok(isOwn());
    await until(() => stopped, 'the stop');
  });

  it('leaves the daemon running where even that cannot be ordered', () => {
    rmSync(stateDir, { recursive: true });
    stateDir = join('/dev/null', 'no-folder');
    let notTaken = () => {};
    const machine = {
      supported: true,
      factoryReset: (late: () => void) => {
        notTaken = late;
      },
    };
    power(machine).factoryReset();
    assert.doesNotThrow(() => notTaken());
    assert.throws(() => power().factoryReset());
  });
});
