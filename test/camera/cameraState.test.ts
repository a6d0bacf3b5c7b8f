import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FailureCode, next, retryPause, type StreamEvent } from '../../daemon/camera/cameraState.ts';
import type { StreamState } from '../../daemon/schema.ts';

function walk(from: StreamState, ...events: StreamEvent[]): StreamState {
  return events.reduce(next, from);
}

describe('the state of a stream', () => {
  it('goes idle → connecting → live → idle as viewers come and go', () => {
    assert.equal(walk('idle', { type: 'wanted' }), 'connecting');
    assert.equal(walk('idle', { type: 'wanted' }, { type: 'picture' }), 'live');
    assert.equal(walk('live', { type: 'unwanted' }), 'idle');
  });

  it('stays gone while it is tried again, so that the wall does not flicker', () => {
    const gone = walk('connecting', { type: 'failed', code: 'unreachable' });
    assert.equal(gone, 'gone');
    assert.equal(next(gone, { type: 'wanted' }), 'gone');
    assert.equal(next(gone, { type: 'picture' }), 'live');
  });

  it('is connecting after the first loss of a live picture and gone after the second failure', () => {
    const lost = next('live', { type: 'failed', code: 'closed' });
    assert.equal(lost, 'connecting');
    assert.equal(next(lost, { type: 'failed', code: 'closed' }), 'gone');
  });

  it('tells credentials, capacity and codec apart', () => {
    const states: [FailureCode, StreamState][] = [
      ['refused', 'refused'],
      ['busy', 'busy'],
      ['unsupported', 'unsupported'],
      ['stalled', 'stalled'],
      ['timeout', 'gone'],
    ];
    for (const [code, state] of states)
      assert.equal(next('connecting', { type: 'failed', code }), state, code);
  });

  it('is idle, not stopped, when it was started and nobody looks', () => {
    assert.equal(walk('stopped', { type: 'unwanted' }), 'idle');
    assert.equal(walk('idle', { type: 'stopped' }), 'stopped');
  });

  it('stays ended after the end of a recording, whoever looks', () => {
    assert.equal(walk('live', { type: 'ended' }, { type: 'unwanted' }, { type: 'wanted' }), 'ended');
    assert.equal(walk('ended', { type: 'started' }, { type: 'wanted' }), 'connecting');
  });
});

describe('the pause before the next attempt', () => {
  it('lets a camera that was cut off be live within 3 s of its return, however long it was away', () => {
    for (const code of ['unreachable', 'timeout', 'closed', 'stalled'] as const)
      for (const failures of [1, 5, 100, 1_000_000])
        assert.ok(retryPause(code, failures, 0.999) <= 1800, code);
  });

  it('never hammers a camera that refuses credentials or has no session left', () => {
    assert.ok(retryPause('refused', 1, 0) >= 48_000);
    assert.ok(retryPause('busy', 1, 0) >= 8_000);
  });

  it('grows, and is spread by ±20 %', () => {
    assert.ok(retryPause('protocol', 3, 0.5) > retryPause('protocol', 1, 0.5));
    assert.equal(retryPause('protocol', 1, 0), 800);
    assert.ok(Math.abs(retryPause('protocol', 1, 1) - 1200) < 1e-6);
  });
});
