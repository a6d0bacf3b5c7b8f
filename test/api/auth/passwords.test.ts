import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { networkOf } from '../../../daemon/api/auth/attempts.ts';
import { Gate, GateFull } from '../../../daemon/api/auth/gate.ts';
import {
  hashPassword,
  isOutdated,
  unmatchableHash,
  verifyPassword,
} from '../../../daemon/api/auth/passwords.ts';

describe('a password’s hash', () => {
  it('fits this password and no other, and is another one each time', async () => {
    const [one, two] = await Promise.all([hashPassword('Käsekuchen 42'), hashPassword('Käsekuchen 42')]);
    assert.notEqual(one, two);
    assert.equal(await verifyPassword('Käsekuchen 42', one), true);
    assert.equal(await verifyPassword('Käsekuchen 42', two), true);
    assert.equal(await verifyPassword('Käsekuchen 43', one), false);
    assert.equal(await verifyPassword('', one), false);
  });

  it('says how it was made, with N of 2^15 at least', async () => {
    const [, logN] = /^\$scrypt\$ln=(\d+),r=8,p=\d+\$[^$]{22}\$[^$]{43}$/.exec(await hashPassword('x')) ?? [];
    assert.ok(Number(logN) >= 15);
  });

  it('fits the same password in other code points: a phone writes é as one, a Mac as two', async () => {
    assert.equal(await verifyPassword('caf\u0065\u0301 1234', await hashPassword('caf\u00e9 1234')), true);
  });

  it('that is damaged, or would take for ever, fits nothing', async () => {
    const hash = await hashPassword('x');
    for (const damaged of [
      '',
      'x',
      hash.slice(0, -1),
      hash.replace('ln=15', 'ln=31'),
      hash.replace('p=3', 'p=99'),
    ])
      assert.equal(await verifyPassword('x', damaged), false, damaged);
  });

  it('of an older version is told', async () => {
    const hash = await hashPassword('x');
    assert.equal(isOutdated(hash), false);
    assert.equal(isOutdated(hash.replace('ln=15', 'ln=14')), true);
  });

  it('for a user that there is not is as much work and fits nothing', async () => {
    const hash = unmatchableHash();
    assert.equal(
      hash.replace(/\$[^$]+\$[^$]+$/, ''),
      (await hashPassword('x')).replace(/\$[^$]+\$[^$]+$/, ''),
    );
    assert.equal(await verifyPassword('', hash), false);
  });
});

describe('the gate', () => {
  const opened = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { promise, resolve };
  };

  it('lets few in at once, and keeps a place for known callers', async () => {
    const gate = new Gate({ slots: 2, forStrangers: 1, places: 4 });
    const doors = [opened(), opened(), opened()];
    const begun: string[] = [];
    const enter = (name: string, known: boolean, door: { promise: Promise<void> } | undefined) =>
      gate.run(known, async () => {
        begun.push(name);
        await door?.promise;
      });
    const works = [
      enter('stranger 1', false, doors[0]),
      enter('stranger 2', false, doors[1]),
      enter('known', true, doors[2]),
    ];
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(begun, ['stranger 1', 'known']);
    for (const door of doors) door.resolve();
    await Promise.all(works);
    assert.deepEqual(begun, ['stranger 1', 'known', 'stranger 2']);
    assert.equal(gate.waiting, 0);
  });

  it('refuses at once when too many strangers wait, and still takes known callers', async () => {
    const gate = new Gate({ slots: 2, forStrangers: 1, places: 2 });
    const door = opened();
    const works = Array.from({ length: 3 }, () => gate.run(false, () => door.promise));
    await assert.rejects(
      gate.run(false, async () => {}),
      GateFull,
    );
    await gate.run(true, async () => {});
    door.resolve();
    await Promise.all(works);
  });

  it('goes on after a work that failed', async () => {
    const gate = new Gate({ slots: 1, forStrangers: 1, places: 2 });
    await assert.rejects(
      gate.run(false, () => Promise.reject(new Error('no'))),
      /no/,
    );
    assert.equal(await gate.run(false, async () => 7), 7);
  });
});

describe('an address', () => {
  it('is one with its other spellings, and an IPv6 address with the others of its network', () => {
    assert.equal(networkOf('192.168.1.5'), '192.168.1.5');
    assert.equal(networkOf('::ffff:192.168.1.5'), '192.168.1.5');
    assert.equal(networkOf('2001:db8:0:1::5'), networkOf('2001:db8::1:ffff:1:2:3'));
    assert.equal(networkOf('fe80::1%eth0'), networkOf('fe80:0:0:0:abcd::2'));
    assert.notEqual(networkOf('2001:db8:0:1::5'), networkOf('2001:db8:0:2::5'));
    assert.equal(networkOf('::1'), '0:0:0:0::/64');
  });
});
