import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MAX_BODY_BYTES, MAX_HEAD_BYTES, RtspDemuxer, type RtspItem } from '../../daemon/rtsp/rtspDemuxer.ts';

const hex = (text: string) => Buffer.from(text.replace(/[\s|]/g, ''), 'hex');

/** An RTP packet of 12 bytes and some payload behind `$`. */
function frame(channel: number, payload = 'aabb', first = '80 60'): Buffer {
  const packet = hex(`${first} 0001 00000000 12345678 ${payload}`);
  return Buffer.concat([Buffer.from([0x24, channel, packet.length >> 8, packet.length & 255]), packet]);
}

/** Feeds the chunks, all through the same memory, and gives the items as comparable text. */
function demux(chunks: readonly Buffer[], channels = [0, 1]) {
  const demuxer = new RtspDemuxer();
  for (const channel of channels) demuxer.addChannel(channel);
  const memory = Buffer.alloc(Math.max(0, ...chunks.map(({ length }) => length)));
  const items = chunks.flatMap((chunk) => {
    chunk.copy(memory);
    const described = demuxer.feed(memory.subarray(0, chunk.length)).map(describeItem);
    memory.fill(0x24);
    return described;
  });
  return { items, skipped: demuxer.bytesSkipped };
}

function describeItem(item: RtspItem): string {
  if (item.kind === 'frame')
    return `${item.known ? '' : 'unknown '}$${item.channel} ${item.payload.toString('hex')}`;
  if (item.kind === 'response')
    return `${item.status} ${item.reason}|${item.headers.get('CSeq')}|${item.body.toString('hex')}`;
  if (item.kind === 'request') return `${item.method} ${item.url}|${item.headers.get('CSeq')}`;
  return `oversized ${item.reason}`;
}

/** All cuts of a stream into two, and byte by byte, must give what the whole gives. */
function inAnyChunks(stream: Buffer, channels?: number[]) {
  const whole = demux([stream], channels);
  for (let cut = 1; cut < stream.length; cut++)
    assert.deepEqual(
      demux([stream.subarray(0, cut), stream.subarray(cut)], channels),
      whole,
      `cut at ${cut}`,
    );
  assert.deepEqual(
    demux(
      Array.from(stream, (_, i) => stream.subarray(i, i + 1)),
      channels,
    ),
    whole,
    'byte by byte',
  );
  return whole;
}

const OK = Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n');
const RTP = '80600001000000001234567';

describe('RtspDemuxer', () => {
  test('an answer with a body, two frames and a server’s OPTIONS in one stream (RDIPCamera, case 7)', () => {
    const stream = Buffer.concat([
      Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-length: 3\r\n\r\nv=0'),
      frame(0),
      Buffer.from('OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: RDIPCamera\r\n\r\n'),
      frame(1, 'cc', '80 c8'),
    ]);
    assert.deepEqual(inAnyChunks(stream), {
      items: ['200 OK|2|763d30', `$0 ${RTP}8aabb`, 'OPTIONS *|1', '$1 80c800010000000012345678cc'],
      skipped: 0,
    });
  });

  test('gortsplib 51f00fa8: zeros between frames are skipped and counted (case 6)', () => {
    const stream = Buffer.concat([frame(0), hex('00 00 00'), frame(0)]);
    assert.deepEqual(inAnyChunks(stream), { items: [`$0 ${RTP}8aabb`, `$0 ${RTP}8aabb`], skipped: 3 });
  });

  test('an empty line before `$` is skipped (case 6, retina 0.3.8)', () => {
    const stream = Buffer.concat([frame(0), Buffer.from('\r\n'), frame(0)]);
    const { items, skipped } = inAnyChunks(stream);
    assert.equal(items.length, 2);
    assert.equal(skipped, 2);
  });

  test('a `$` in rubbish whose payload is no RTP of version 2 begins no frame (case 6)', () => {
    const stream = Buffer.concat([hex('24 00 40 00 | 01 02 03'), frame(0)]);
    assert.deepEqual(inAnyChunks(stream), { items: [`$0 ${RTP}8aabb`], skipped: 7 });
  });

  test('a frame too short for RTP or RTCP is skipped (case 6: `24 06 00 04 01 02 03 04`)', () => {
    const { items, skipped } = inAnyChunks(Buffer.concat([hex('24 06 00 04 80 02 03 04'), frame(6)]), [6, 7]);
    assert.equal(items.length, 1);
    assert.equal(skipped, 8);
  });

  test('a frame on a channel that was not set up is known as such, and the stream stays in step (case 42)', () => {
    const stream = Buffer.concat([frame(0), frame(4, '2424242424'), frame(0)]);
    assert.deepEqual(inAnyChunks(stream), {
      items: [`$0 ${RTP}8aabb`, `unknown $4 ${RTP}82424242424`, `$0 ${RTP}8aabb`],
      skipped: 0,
    });
  });

  test('what looks like a frame on another channel but is followed by nothing sensible is rubbish', () => {
    const stream = Buffer.concat([frame(9), hex('00 00'), frame(0)]);
    assert.deepEqual(inAnyChunks(stream), { items: [`$0 ${RTP}8aabb`], skipped: frame(9).length + 2 });
  });

  test('frames larger than an Ethernet packet are whole (case 6: go2rtc refuses more than 1500 bytes)', () => {
    const big = frame(0, 'ab'.repeat(65_000));
    const { items, skipped } = demux([
      big.subarray(0, 7),
      big.subarray(7, 40_000),
      big.subarray(40_000),
      frame(0),
    ]);
    assert.equal(items[0]?.length, '$0 '.length + 2 * 65_012);
    assert.equal(items.length, 2);
    assert.equal(skipped, 0);
  });

  test('lines may end in LF alone, and a body need not be text', () => {
    const stream = Buffer.concat([
      Buffer.from('RTSP/1.0 200 OK\nCSeq: 7\nContent-Length: 2\n\n'),
      hex('24 00'),
      OK,
    ]);
    assert.deepEqual(inAnyChunks(stream).items, ['200 OK|7|2400', '200 OK|1|']);
  });

  test('a status line with binary behind it does not hold up the stream', () => {
    const stream = Buffer.concat([Buffer.from('RTSP/1.0 200 \x01\x02'), frame(0)]);
    assert.deepEqual(inAnyChunks(stream), { items: [`$0 ${RTP}8aabb`], skipped: 15 });
  });

  test('a head beyond 64 KiB is given up, and what follows is found', () => {
    const head = Buffer.from(`RTSP/1.0 200 OK\r\n${'x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n'.repeat(3000)}`);
    const stream = Buffer.concat([head, frame(0)]);
    const parts = [];
    for (let at = 0; at < stream.length; at += 777) parts.push(stream.subarray(at, at + 777));
    const whole = demux([stream]);
    assert.deepEqual(demux(parts), whole);
    assert.deepEqual(whole.items, [`oversized head of more than ${MAX_HEAD_BYTES} bytes`, `$0 ${RTP}8aabb`]);
  });

  test('a body beyond 1 MiB is not waited for', () => {
    const stream = Buffer.from(`RTSP/1.0 200 OK\r\nContent-Length: ${MAX_BODY_BYTES + 1}\r\n\r\n`);
    assert.deepEqual(demux([stream, OK]).items, [
      `oversized body of ${MAX_BODY_BYTES + 1} bytes announced`,
      '200 OK|1|',
    ]);
  });

  test('payloads within one chunk are views into it, not copies', () => {
    const demuxer = new RtspDemuxer();
    demuxer.addChannel(0);
    const chunk = Buffer.concat([frame(0), frame(0)]);
    for (const item of demuxer.feed(chunk)) {
      assert.ok(item.kind === 'frame');
      assert.equal(item.payload.buffer, chunk.buffer);
    }
  });

  test('all that one read completes is there until the next, however the packets lie across the reads', () => {
    const packets = Array.from({ length: 50 }, (_, i) => i.toString(16).padStart(2, '0').repeat(90));
    const stream = Buffer.concat(packets.map((payload) => frame(0, payload)));
    for (const size of [61, 150, 230, 700, 2000]) {
      const demuxer = new RtspDemuxer();
      demuxer.addChannel(0);
      const memory = Buffer.alloc(size);
      const found: string[] = [];
      for (let at = 0; at < stream.length; at += size) {
        const read = stream.copy(memory, 0, at, at + size);
        const items = demuxer.feed(memory.subarray(0, read));
        for (const item of items) if (item.kind === 'frame') found.push(item.payload.toString('hex', 12));
      }
      assert.deepEqual(found, packets, `${size} bytes a read`);
    }
  });

  test('the body of an answer is its own: who asked reads it later', () => {
    const memory = Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 3\r\n\r\nv=0');
    const [item] = new RtspDemuxer().feed(memory);
    memory.fill(0);
    assert.ok(item?.kind === 'response');
    assert.equal(item.body.toString(), 'v=0');
  });

  test('any bytes: no throw, every byte is in an item, skipped, or waited for, and chunking changes nothing', () => {
    const piece = fc.oneof(
      fc.constant(OK),
      fc.constant(frame(0)),
      fc.constant(frame(1, 'cc', '80 c8')),
      fc.constant(frame(7)),
      fc.constant(Buffer.from('OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n')),
      fc.constant(Buffer.from('RTSP/1.0 200\nContent-Length: 4\n\n$$$$')),
      fc.constant(Buffer.from('RTSP/1.')),
      fc.constant(Buffer.from('$\x00\x00')),
      fc.uint8Array({ maxLength: 24 }).map((bytes) => Buffer.from(bytes)),
      fc.string().map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (pieces, sizes) => {
          const stream = Buffer.concat(pieces);
          const chunks: Buffer[] = [];
          for (let at = 0, i = 0; at < stream.length; i++) {
            const size = sizes[i % sizes.length] ?? 1;
            chunks.push(stream.subarray(at, at + size));
            at += size;
          }
          const whole = demux([stream]);
          assert.deepEqual(demux(chunks), whole);
          assert.ok(whole.skipped <= stream.length);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test('sizes of its owner: a head or a body beyond them is said to be oversized', () => {
  const kinds = (text: string) =>
    new RtspDemuxer({ head: 100, body: 10 }).feed(Buffer.from(text)).map(({ kind }) => kind);
  const head = 'OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n';
  assert.deepEqual(kinds(`${head}\r\n`), ['request']);
  assert.deepEqual(kinds(`${head}X: ${'x'.repeat(100)}`), ['oversized']);
  assert.deepEqual(kinds(`${head}Content-Length: 11\r\n\r\n`), ['oversized']);
});
