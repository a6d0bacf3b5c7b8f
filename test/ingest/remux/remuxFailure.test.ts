/** What ffmpeg 4.1 to 7 say at their end, and what it means. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failedOverSound, remuxFailure } from '../../../daemon/ingest/remux/remuxFailure.ts';

const exit = (...lastLines: string[]) => ({ code: 1, lastLines });

describe('what ffmpeg says at its end', () => {
  const table: [line: string, code: string, words: RegExp][] = [
    [
      '[tcp @ 0x55] Connection to tcp://10.0.0.5:1935 failed: Connection refused',
      'unreachable',
      /cannot be reached/,
    ],
    ['rtmp://cam.local/live: No route to host', 'unreachable', /cannot be reached/],
    ['[tcp @ 0x55] Failed to resolve hostname cam.local: Name or service not known', 'unreachable', /cannot/],
    ['[in#0 @ 0x5] Error opening input: Connection timed out', 'timeout', /does not answer/],
    [
      '[rtmp @ 0x55] Server error: [ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=authfailed',
      'refused',
      /password/,
    ],
    ['[http @ 0x55] HTTP error 401 Unauthorized', 'refused', /password/],
    ['[http @ 0x55] HTTP error 404 Not Found', 'not_found', /no such stream/],
    ['[rtmp @ 0x55] Server error: NetStream.Play.StreamNotFound', 'not_found', /no such stream/],
    ['pipe:0: Invalid data found when processing input', 'unsupported', /no video in it/],
    ["Stream map '0:v:0' matches no streams.", 'unsupported', /no pictures/],
    [
      '[mp4 @ 0x55] Could not find tag for codec ansi in stream #0, codec not currently supported in container',
      'unsupported',
      /coding/,
    ],
    ['[srt @ 0x55] Connection to srt://10.0.0.5:9000 failed: Input/output error', 'closed', /ended/],
  ];
  for (const [line, code, words] of table)
    test(`${line} is “${code}”`, () => {
      const error = remuxFailure(exit('something before', line), 'GET http://cam/flv', false);
      assert.equal(error.code, code);
      assert.match(error.message, words);
      assert.equal(error.place, 'GET http://cam/flv');
    });

  test('what nobody has seen yet is told without ffmpeg’s words, which may hold a password', () => {
    const error = remuxFailure(exit('http://admin:secret@cam/: the stars are wrong'), 'http://cam/', false);
    assert.equal(error.code, 'protocol');
    assert.doesNotMatch(error.message, /secret|stars/);
  });

  test('nothing at all: the stream ended', () => {
    assert.match(remuxFailure({ code: 0, lastLines: [] }, 'x', true).message, /the stream ended/);
    assert.match(remuxFailure({ code: 0, lastLines: [] }, 'x', false).message, /before there was a picture/);
  });

  test('a container that cannot hold the sound is told from one that fails otherwise', () => {
    const line =
      'Could not find tag for codec pcm_alaw in stream #1, codec not currently supported in container';
    assert.equal(failedOverSound(exit(line)), true);
    assert.equal(failedOverSound({ code: 0, lastLines: [line] }), false);
    assert.equal(failedOverSound(exit('Connection refused')), false);
  });
});
