import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SessionMemory } from '../../daemon/camera/sessionMemory.ts';
import type { SourceSession } from '../../daemon/ingest/sourceSession.ts';

const session = { soundTrial: { refused: false, setUp: true, picture: true } } as SourceSession;

test('the transport that gave pictures is the first of the next session, until the camera is another one', () => {
  const memory = new SessionMemory('udp');
  assert.equal(memory.next().first, 'udp');
  memory.proved('tcp');
  assert.equal(memory.next().first, 'tcp');
  memory.proved(undefined);
  memory.proved('file');
  assert.equal(memory.next().first, 'tcp');
  memory.forget();
  assert.equal(memory.next().first, undefined);
  assert.equal(new SessionMemory(null).next().first, undefined);
});

test('a login that worked once, and another keep-alive, are remembered; the keep-alive for good', () => {
  const memory = new SessionMemory(null);
  assert.deepEqual([memory.loginWorked, memory.next().keepAlive], [false, undefined]);
  memory.ended({ ...session, loginWorked: true, keepAliveSuspect: true }, memory.next());
  memory.ended({ ...session, loginWorked: false, keepAliveSuspect: false }, memory.next());
  assert.deepEqual([memory.loginWorked, memory.next().keepAlive], [true, 'GET_PARAMETER']);
  memory.forget();
  assert.deepEqual([memory.loginWorked, memory.next().keepAlive], [false, 'GET_PARAMETER']);
});
