import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { aacStream } from '../../daemon/ingest/aacParameters.ts';
import { configOfStreamMux, payloadLength } from '../../daemon/ingest/latm.ts';
import { LatmDepacketizer } from '../../daemon/ingest/latmDepacketizer.ts';
import { bytes, received, type Script } from './rtpPackets.ts';
import { unpack } from './sound.ts';

function depacketizer(): LatmDepacketizer {
  const stream = aacStream(bytes('14 08'));
  assert.ok(stream);
  return new LatmDepacketizer(stream, 16_000);
}

const texts = (scripts: readonly Script[], target = depacketizer()) =>
  unpack(target, scripts).map(({ data, timestamp, offset }) => `${data}@${timestamp}+${offset}`);

/** PayloadLengthInfo and the payload. */
function element(data: Uint8Array): Buffer {
  const ones = Buffer.alloc(Math.floor(data.length / 255), 255);
  return Buffer.concat([ones, Buffer.of(data.length % 255), data]);
}

describe('StreamMuxConfig', () => {
  test('the AudioSpecificConfig in it, which begins amid a byte', () => {
    // An example of RFC 6416; GStreamer’s rtpmp4apay ends with the AudioSpecificConfig.
    assert.equal(configOfStreamMux(bytes('40 00 26 20 3f c0'))?.toString('hex'), '1310');
    assert.equal(configOfStreamMux(bytes('40 00 23 20'))?.toString('hex'), '1190');
  });

  const INVALID: [name: string, config: string][] = [
    ['nothing', ''],
    ['another version', 'c0 00 26 20 3f c0'],
    ['framing of its own for each', '00 00 26 20 3f c0'],
    ['two programmes', '40 20 26 20 3f c0'],
    ['frames of a fixed length', '40 00 26 20 7f c0'],
    ['an AudioSpecificConfig', '14 08'],
  ];
  for (const [name, config] of INVALID)
    test(`none: ${name}`, () => assert.equal(configOfStreamMux(bytes(config)), undefined));

  test('whatever comes, cut off anywhere: no throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (random) => {
        const config = Buffer.concat([bytes('40 00'), random]);
        for (let length = 0; length <= config.length; length++) configOfStreamMux(config.subarray(0, length));
      }),
    );
  });
});

describe('AAC in RTP as MP4A-LATM (RFC 6416)', () => {
  test('one frame in a packet, or several', () => {
    const several = Buffer.concat([element(Buffer.from('ab')), element(Buffer.from('cde'))]);
    assert.deepEqual(
      texts([
        { p: element(Buffer.from('abc')), t: 5, m: true },
        { p: several, t: 6, m: true },
      ]),
      ['abc@5+0', 'ab@6+0', 'cde@6+64'],
    );
  });

  test('lengths of 255 and more', () => {
    assert.deepEqual(payloadLength(bytes('ff 00')), { length: 255, size: 2 });
    assert.deepEqual(payloadLength(bytes('ff ff 0a')), { length: 520, size: 3 });
    assert.equal(payloadLength(bytes('ff ff')), undefined);
    assert.equal(payloadLength(bytes('')), undefined);
  });

  test('a fragment is put together; after loss or another timestamp there is none', () => {
    const target = depacketizer();
    const scripts = [
      { p: '06 61 62', t: 1 },
      { p: '63 64', t: 1 },
      { p: '65 66', t: 1, m: true },
      { p: '06 61 62', t: 2 },
      { p: '01 7a', t: 3, m: true },
      { p: '06 61 62', t: 4 },
      { p: '01 79', t: 5, m: true, lost: 1 },
    ];
    assert.deepEqual(texts(scripts, target), ['abcdef@1+0', 'z@3+0', 'y@5+0']);
    assert.equal(target.malformed, 1);
  });

  test('a frame that ends after the marker is none', () => {
    const target = depacketizer();
    assert.deepEqual(
      texts(
        [
          { p: '06 61 62', m: true },
          { p: '01 7a', t: 1, m: true },
        ],
        target,
      ),
      ['z@1+0'],
    );
    assert.equal(target.malformed, 1);
  });

  test('whatever is cut into packets is put together', () => {
    const frame = fc.record({
      data: fc.uint8Array({ minLength: 1, maxLength: 700 }),
      cut: fc.integer({ min: 1, max: 300 }),
    });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 5 }), (all) => {
        const scripts = all.flatMap(({ data, cut }, t) => {
          const whole = element(data);
          const parts = Array.from({ length: Math.ceil(whole.length / cut) }, (_, i) =>
            whole.subarray(i * cut, (i + 1) * cut),
          );
          return parts.map((p, i) => ({ p, t, m: i === parts.length - 1 }));
        });
        assert.deepEqual(
          unpack(depacketizer(), scripts).map((found) => found.data.toString('hex')),
          all.map(({ data }) => Buffer.from(data).toString('hex')),
        );
      }),
    );
  });

  test('whatever comes: no throw, no more bytes than came, and 16 KB are kept at most', () => {
    const packet = fc.record({
      p: fc.uint8Array({ maxLength: 60 }).map((data) => Buffer.from(data)),
      t: fc.integer({ min: 0, max: 2 }),
      m: fc.boolean(),
      lost: fc.constantFrom(0, 0, 1),
    });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 20 }), (scripts) => {
        const out = unpack(depacketizer(), scripts).reduce((sum, { data }) => sum + data.length, 0);
        assert.ok(out <= scripts.reduce((sum, { p }) => sum + p.length, 0));
      }),
    );
    const target = depacketizer();
    for (let i = 0; i < 100; i++) target.push(received({ p: Buffer.alloc(1000, 255), t: 1 }));
    assert.ok(target.malformed >= 5);
  });
});
