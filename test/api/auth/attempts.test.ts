import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ATTEMPT_LIMITS, Attempts } from '../../../daemon/api/auth/attempts.ts';
import { FailedLogins } from '../../../daemon/api/auth/failedLogins.ts';

const T = 1_000_000;

/** Seconds until the first try that is let through, from now on. */
function wait(attempts: Attempts, address: string, now: number, user = 'admin'): number {
  const verdict = attempts.begin(address, user, now, false);
  return 'refused' in verdict ? verdict.refused : 0;
}

it('five tries cost nothing; then each one costs twice the wait of the one before, up to a bound', () => {
  const attempts = new Attempts();
  for (let i = 0; i < 5; i++) assert.equal(wait(attempts, 'a', T), 0);
  const waits: number[] = [];
  let now = T;
  for (let i = 0; i < 12; i++) {
    const seconds = wait(attempts, 'a', now);
    waits.push(seconds);
    now += seconds;
    assert.equal(wait(attempts, 'a', now), 0, 'after the wait one is let through');
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
});

it('refused tries do not make the wait longer', () => {
  const attempts = new Attempts();
  for (let i = 0; i < 7; i++) wait(attempts, 'a', T + 3 * i);
  const before = wait(attempts, 'a', T + 18);
  for (let i = 0; i < 1000; i++) wait(attempts, 'a', T + 18);
  assert.equal(wait(attempts, 'a', T + 18), before);
});

it('a thousand tries at the same time are not a thousand tries', () => {
  const attempts = new Attempts();
  const through = Array.from({ length: 1000 }, () => attempts.begin('a', 'admin', T, false)).filter(
    (verdict) => 'hold' in verdict,
  );
  assert.equal(through.length, ATTEMPT_LIMITS.free);
});

it('the right password clears the address; not when other users were tried from it too', () => {
  const attempts = new Attempts();
  for (let i = 0; i < 5; i++) attempts.begin('honest', 'eve', T, false);
  attempts.succeeded('honest', 'eve');
  assert.equal(wait(attempts, 'honest', T, 'eve'), 0);

  // Whoever has an account of his own must not clear his guesses at another’s with it.
  for (let i = 0; i < 4; i++) attempts.begin('sly', 'admin', T, false);
  attempts.begin('sly', 'eve', T, false);
  attempts.succeeded('sly', 'eve');
  attempts.begin('sly', 'admin', T, false);
  assert.ok(wait(attempts, 'sly', T) > 0);
});

it('failures from elsewhere never refuse a user: strangers are held for a second, he himself not at all', () => {
  const attempts = new Attempts();
  for (let i = 0; i < 5_000; i++) attempts.begin(`bot ${i}`, 'admin', T, false);
  assert.deepEqual(attempts.begin('new phone', 'admin', T, false), { hold: 1 });
  assert.deepEqual(attempts.begin('his desk', 'admin', T, true), { hold: 0 });
});

it('what was not looked at does not count', () => {
  const attempts = new Attempts();
  for (let i = 0; i < 100; i++) {
    assert.ok('hold' in attempts.begin('a', 'admin', T, false));
    attempts.withdrawn('a', 'admin');
  }
  assert.equal(attempts.size, 0);
});

it('is forgotten after a quarter of an hour', () => {
  const attempts = new Attempts();
  for (let i = 0; i < 5; i++) wait(attempts, 'a', T);
  assert.ok(wait(attempts, 'a', T) > 0);
  assert.equal(wait(attempts, 'a', T + 901), 0);
});

it('a clock that is set back locks nobody out', () => {
  const attempts = new Attempts();
  for (let i = 0; i < 5; i++) wait(attempts, 'a', T);
  assert.ok(wait(attempts, 'a', T - 1_000_000) <= 1);
});

it('memory is bounded, however many addresses and names are tried', () => {
  const attempts = new Attempts({ ...ATTEMPT_LIMITS, entries: 100 });
  for (let i = 0; i < 10_000; i++) attempts.begin(`address ${i}`, `user ${i}`, T, false);
  assert.equal(attempts.size, 200);
});

it('of a flood of failures ten a minute are written down, with how many were not', () => {
  const failed = new FailedLogins();
  const notes = Array.from({ length: 10_000 }, (_, i) => failed.note(`address ${i}`, T)).filter(
    (left) => left !== undefined,
  );
  assert.deepEqual(notes, Array(10).fill(0));
  assert.equal(failed.note('address 1', T + 61), 9_990);
  assert.equal(failed.note('address 1', T + 61), undefined);
});
