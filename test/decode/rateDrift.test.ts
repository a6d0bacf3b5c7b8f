import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RateDrift } from '../../daemon/decode/rateDrift.ts';

describe('RateDrift', () => {
  it('tells of a source that left its rate by more than a quarter, after 10 s', () => {
    const drift = new RateDrift(5, 15);
    assert.equal(
      drift.tooFar(() => 25, 0),
      false,
    );
    assert.equal(
      drift.tooFar(() => 25, 9_999),
      false,
    );
    assert.equal(
      drift.tooFar(() => 25, 10_000),
      true,
    );
  });

  it('begins anew when the rate came back in between', () => {
    const drift = new RateDrift(5, 15);
    assert.equal(
      drift.tooFar(() => 25, 0),
      false,
    );
    assert.equal(
      drift.tooFar(() => 15, 5_000),
      false,
    );
    assert.equal(
      drift.tooFar(() => 25, 6_000),
      false,
    );
    assert.equal(
      drift.tooFar(() => 25, 15_000),
      false,
    );
    assert.equal(
      drift.tooFar(() => 25, 16_000),
      true,
    );
  });

  it('lets the rate change by a quarter', () => {
    const drift = new RateDrift(5, 16);
    assert.equal(
      drift.tooFar(() => 20, 0),
      false,
    );
    assert.equal(
      drift.tooFar(() => 12, 60_000),
      false,
    );
  });

  it('does not mind a rate that stays below the limit', () => {
    const drift = new RateDrift(15, 10);
    assert.equal(
      drift.tooFar(() => 5, 0),
      false,
    );
    assert.equal(
      drift.tooFar(() => 5, 60_000),
      false,
    );
  });

  it('corrects sooner a child that was started before the rate was known', () => {
    const drift = new RateDrift(5, undefined);
    assert.equal(
      drift.tooFar(() => undefined, 0),
      false,
    );
    assert.equal(
      drift.tooFar(() => 15, 1_000),
      false,
    );
    assert.equal(
      drift.tooFar(() => 15, 3_000),
      true,
    );
  });

  it('has nothing to tell without a limit', () => {
    const drift = new RateDrift(undefined, 15);
    assert.equal(
      drift.tooFar(() => 60, 0),
      false,
    );
    assert.equal(
      drift.tooFar(() => 60, 60_000),
      false,
    );
  });
});
