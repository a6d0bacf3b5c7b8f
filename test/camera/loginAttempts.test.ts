import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { type KeptAttempts, LoginAttempts } from '../../daemon/camera/loginAttempts.ts';

let now = 0;
let kept: KeptAttempts | undefined;
const attempts = () =>
  new LoginAttempts(
    {
      load: () => structuredClone(kept),
      save: (all) => {
        kept = structuredClone(all);
      },
    },
    () => now,
  );
beforeEach(() => {
  now = 1_000_000;
  kept = undefined;
});

const KEYS = ['urn:uuid:1', '192.0.2.1:80'];

test('of remembered credentials two are tried on a camera within an hour, none of them twice', () => {
  const one = attempts();
  assert.equal(one.mayTry(KEYS, 1), true);
  one.note(KEYS, { logins: 1, credential: 1 });
  assert.equal(one.mayTry(KEYS, 1), false, 'the very same');
  assert.equal(one.mayTry(KEYS, 2), true);
  one.note(KEYS, { logins: 1, credential: 2 });
  assert.equal(one.mayTry(KEYS, 3), false, 'a third');
  now += 3601;
  assert.equal(one.mayTry(KEYS, 1), true);
});

test('it is counted before the login is sent, and a daemon that is started anew knows it', () => {
  attempts().note(KEYS, { logins: 1, credential: 1 });
  assert.equal(attempts().mayTry(KEYS, 1), false);
});

test('a device that comes with another id is known by its address', () => {
  const one = attempts();
  one.note(KEYS, { logins: 1, credential: 1 });
  assert.equal(one.mayTry(['urn:uuid:other', '192.0.2.1:80'], 1), false);
  assert.equal(one.mayTry(['urn:uuid:other', '192.0.2.2:80'], 1), true);
});

test('typed passwords wait when one more could lock the account, until the oldest attempt is an hour old', () => {
  const one = attempts();
  for (let n = 0; n < 3; n++) {
    assert.equal(one.waitUntil(KEYS, 2), undefined, `attempt ${n + 1}`);
    one.note(KEYS, { logins: 2, credential: null });
    now += 60;
  }
  assert.equal(one.waitUntil(KEYS, 2), 1_000_000 + 3600);
  assert.equal(one.mayTry(KEYS, 1), false, 'nor remembered ones');
  now = 1_000_000 + 3600;
  assert.equal(one.waitUntil(KEYS, 2), undefined);
});

test('a login that works makes the camera forget the wrong ones', () => {
  const one = attempts();
  for (const credential of [1, 2]) one.note(KEYS, { logins: 1, credential });
  one.opened(KEYS);
  assert.equal(one.mayTry(KEYS, 1), true);
  assert.deepEqual(kept, {});
});

test('a clock that is set back does not keep attempts for ever', () => {
  const one = attempts();
  one.note(KEYS, { logins: 1, credential: 1 });
  now -= 100_000;
  assert.equal(one.mayTry(KEYS, 1), true);
});

test('devices that are made up do not fill the memory', () => {
  const one = attempts();
  for (let n = 0; n < 2100; n++) one.note([`urn:uuid:${n}`], { logins: 1, credential: 1 });
  assert.ok(Object.keys(kept ?? {}).length <= 2048);
});
