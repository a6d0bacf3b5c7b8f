import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { initPayload, LIVE_KIND, type LiveKind, liveHeader } from '../../daemon/fanout/live/message.ts';
import { readLiveEvent } from '../../kiosk-ui/player/liveEvent.ts';
import {
  type InitPart,
  LIVE_HEADER,
  type PicturePart,
  readLivePart,
} from '../../kiosk-ui/player/liveMessage.ts';

/** As it comes out of a WebSocket: alone in its buffer. */
function arrived(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

const BEGINNINGS = {
  jpeg: [0xff, 0xd8],
  mp4: [0, 0, 0, 8, ...Buffer.from('moof')],
  annexb: [0, 0, 0, 1],
  soundInit: [1, 0x61, 0],
  sound: [0, 0, 0, 8, ...Buffer.from('moof')],
};

const header = fc.record({
  tile: fc.nat(0xffff),
  feed: fc.nat(0xffff_ffff),
  time: fc.double({ min: 0, max: 1e15, noNaN: true }),
  key: fc.boolean(),
  past: fc.boolean(),
});
const picture = fc.constantFrom('jpeg', 'mp4', 'annexb');
const codec = fc.stringMatching(/^[A-Za-z0-9.]{1,64}$/);
const size = fc.integer({ min: 1, max: 0xffff });
const bytes = fc.uint8Array({ maxLength: 200 });

describe('the binary messages', () => {
  it('are read as the box writes them: pictures', () => {
    fc.assert(
      fc.property(header, picture, bytes, (head, kind, rest) => {
        const payload = Buffer.from([...BEGINNINGS[kind], ...rest]);
        const part = readLivePart(arrived(Buffer.concat([liveHeader({ ...head, kind }), payload])));
        const { data, ...read } = part as PicturePart;
        assert.deepEqual(read, { ...head, kind });
        assert.deepEqual(Buffer.from(data), payload);
      }),
    );
  });

  it('are read as the box writes them: descriptions', () => {
    fc.assert(
      fc.property(header, codec, size, size, bytes, (head, name, width, height, segment) => {
        const payload = initPayload({ codec: name, width, height, segment: Buffer.from(segment) });
        const part = readLivePart(arrived(Buffer.concat([liveHeader({ ...head, kind: 'init' }), payload])));
        const { segment: read, ...rest } = part as InitPart;
        assert.deepEqual(rest, { ...head, kind: 'init', codec: name, width, height });
        assert.deepEqual(Buffer.from(read), Buffer.from(segment));
      }),
    );
  });

  it('are nothing or sound, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (message) => {
        const part = readLivePart(arrived(message));
        if (!part) return;
        assert.ok(message.length > LIVE_HEADER && part.time >= 0 && Number.isFinite(part.time));
        if (part.kind === 'init') assert.match(part.codec, /^[A-Za-z0-9.]+$/);
      }),
      { numRuns: 2_000 },
    );
  });

  const head = { tile: 1, feed: 2, time: 1.7e12, key: true, past: false };
  const message = (kind: LiveKind, payload: number[] | Buffer, change?: (bytes: Buffer) => void) => {
    const made = Buffer.concat([liveHeader({ ...head, kind }), Buffer.from(payload)]);
    change?.(made);
    return readLivePart(arrived(made));
  };
  const init = initPayload({ codec: 'avc1.42C01E', width: 2, height: 2, segment: undefined });
  const jpeg = BEGINNINGS.jpeg;

  for (const [what, part] of [
    ['no payload', message('jpeg', [])],
    ['another kind', message('jpeg', jpeg, (bytes) => bytes.writeUInt8(9))],
    ['kind 0', message('jpeg', jpeg, (bytes) => bytes.writeUInt8(0))],
    ['flags of another protocol', message('jpeg', jpeg, (bytes) => bytes.writeUInt8(4, 1))],
    ['no time', message('jpeg', jpeg, (bytes) => bytes.writeDoubleBE(Number.NaN, 8))],
    ['an endless time', message('jpeg', jpeg, (bytes) => bytes.writeDoubleBE(Infinity, 8))],
    ['a time before 1970', message('jpeg', jpeg, (bytes) => bytes.writeDoubleBE(-1, 8))],
    ['a JPEG that is none', message('jpeg', [1, 2, 3])],
    ['a fragment that is none', message('mp4', [0, 0, 0, 8, 1, 2, 3, 4])],
    ['a fragment of four bytes', message('mp4', [0, 0, 0, 8])],
    ['an access unit without a start code', message('annexb', [0, 0, 2, 1])],
    ['a description cut short', message('init', init.subarray(0, -1))],
    ['a description of three bytes', message('init', [0, 2, 0])],
    ['no width', message('init', init, (bytes) => bytes.writeUInt16BE(0, LIVE_HEADER))],
    ['no height', message('init', init, (bytes) => bytes.writeUInt16BE(0, LIVE_HEADER + 2))],
    ['no codec', message('init', init, (bytes) => bytes.writeUInt8(0, LIVE_HEADER + 4))],
    ['a codec with a quotation mark', message('init', init, (bytes) => bytes.write('"', LIVE_HEADER + 6))],
  ] as const)
    it(`refuses ${what}`, () => assert.equal(part, undefined));

  it('knows every kind of the box', () => {
    for (const kind of Object.keys(LIVE_KIND) as LiveKind[])
      assert.equal(message(kind, kind === 'init' ? init : BEGINNINGS[kind])?.kind, kind);
  });
});

describe('the messages in JSON', () => {
  const events = [
    { type: 'hello', version: 1, instance: 'i', now: 1 },
    { type: 'tile', tile: 1, feed: 2, format: 'mp4', stream: 'a', reason: 'wished' },
    { type: 'state', tile: 1, stream: 'a', state: 'gone', since: 1, message: null },
    { type: 'error', tile: 1, code: 'a', message: 'b' },
    { type: 'pace', bits_per_second: 1, full: true, delay_ms: null, level: 0, dropped: 0 },
    { type: 'pong', at: 1.5, now: 2 },
  ];
  it('are read', () => {
    for (const event of events) assert.deepEqual(readLiveEvent(JSON.stringify(event)), event);
  });

  it('are nothing where something that is used is missing or is something else', () => {
    const used: Record<string, string[]> = {
      hello: ['version', 'instance', 'now'],
      tile: ['tile', 'feed', 'format', 'stream', 'reason'],
      state: ['tile', 'stream', 'state', 'since', 'message'],
      error: ['tile', 'code', 'message'],
      pace: ['level', 'dropped'],
      pong: ['at', 'now'],
    };
    for (const event of events)
      for (const field of used[event.type]!)
        for (const wrong of [undefined, {}, true, []])
          assert.equal(readLiveEvent(JSON.stringify({ ...event, [field]: wrong })), undefined, field);
  });

  it('are nothing where they are no messages, of a newer box or of another protocol', () => {
    for (const text of [
      '',
      '{',
      'null',
      '[]',
      '7',
      '{"type":"weather"}',
      '{"type":"toString"}',
      '{"type":7}',
    ])
      assert.equal(readLiveEvent(text), undefined, text);
    assert.equal(readLiveEvent('{"type":"hello","version":2,"instance":"i","now":1}'), undefined);
    assert.equal(
      readLiveEvent('{"type":"tile","tile":1,"feed":2,"format":"av1","stream":"a","reason":""}'),
      undefined,
    );
  });

  it('never throw', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readLiveEvent(text)));
  });
});
