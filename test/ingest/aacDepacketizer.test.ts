import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { AacDepacketizer } from '../../daemon/ingest/aacDepacketizer.ts';
import { aacStream } from '../../daemon/ingest/aacParameters.ts';
import { type AuHeaderLengths, auHeaderLengths } from '../../daemon/ingest/auHeaders.ts';
import { bytes, received, type Script } from './rtpPackets.ts';
import { adts, unpack } from './sound.ts';

const HBR = 'mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3';

function lengthsOf(fmtp: string): AuHeaderLengths {
  const lengths = auHeaderLengths(
    new Map(fmtp.split(';').map((part) => part.split('=') as [string, string])),
  );
  assert.ok(!('unsupported' in lengths));
  return lengths;
}

/** 16 kHz, one channel: frames of 64 ms. */
function depacketizer(fmtp = HBR, config = '14 08'): AacDepacketizer {
  const stream = aacStream(bytes(config));
  assert.ok(stream);
  return new AacDepacketizer({ stream, lengths: lengthsOf(fmtp), clockRate: 16_000 });
}

/** What comes out, as `text@timestamp+offset`. */
function frames(scripts: readonly Script[], target = depacketizer()): string[] {
  return unpack(target, scripts).map(
    ({ data, timestamp, offset }) =>
      `${data.toString('latin1')}@${timestamp}${offset > 0 ? `+${offset}` : ''}`,
  );
}

/** AAC-hbr: AU headers of these sizes, then the data. */
function hbr(data: string | Buffer, ...sizes: number[]): Buffer {
  const head = Buffer.alloc(2 + 2 * sizes.length);
  head.writeUInt16BE(16 * sizes.length, 0);
  for (const [i, size] of sizes.entries()) head.writeUInt16BE(size << 3, 2 + 2 * i);
  return Buffer.concat([head, Buffer.from(data)]);
}

describe('AAC in RTP (RFC 3640)', () => {
  test('one access unit in a packet', () => {
    assert.deepEqual(frames([{ p: '00 10 00 20 61 73 64 66', t: 42, m: true }]), ['asdf@42']);
  });

  test('three in a packet, each a frame later', () => {
    assert.deepEqual(frames([{ p: hbr('foobarbaz', 3, 3, 3), t: 42, m: true }]), [
      'foo@42',
      'bar@42+64',
      'baz@42+128',
    ]);
  });

  test('bytes behind the last are no frame', () => {
    assert.deepEqual(frames([{ p: hbr('foobar\0\0', 3, 3), m: true }]), ['foo@0', 'bar@0+64']);
  });

  test('headers that do not fill a byte (AAC-lbr of other lengths)', () => {
    // Sizes of 5 bits, indices of 2: 00011 00 | 00010 00, 14 bits in two bytes.
    const target = depacketizer('mode=AAC-lbr;sizelength=5;indexlength=2;indexdeltalength=2');
    assert.deepEqual(frames([{ p: '00 0e 18 20 61 62 63 64 65', m: true }], target), ['abc@0', 'de@0+64']);
  });

  test('AAC-lbr: sizes of 6 bits, also where the lengths are left out', () => {
    const packet = [{ p: '00 10 0c 08 61 62 63 64 65', m: true }];
    assert.deepEqual(frames(packet, depacketizer('mode=AAC-lbr')), ['abc@0', 'de@0+64']);
    assert.deepEqual(lengthsOf('mode=AAC-lbr'), lengthsOf('sizelength=6;indexlength=2;indexdeltalength=2'));
    assert.deepEqual(lengthsOf('streamtype=5'), lengthsOf(HBR));
  });

  test('an auxiliary section and time stamp deltas are passed over', () => {
    // size 13, index 3, CTS-flag 1 and 4 bits; the second header has no CTS. 21 + 17 bits.
    const cts = depacketizer(`${HBR};ctsdeltalength=4`);
    assert.deepEqual(frames([{ p: '00 26 00 18 d0 00 80 66 6f 6f 62 61', m: true }], cts), [
      'foo@0',
      'ba@0+64',
    ]);
    // Auxiliary data: 8 bits of size, then 4 bits.
    const auxiliary = depacketizer(`${HBR};auxiliarydatasizelength=8`);
    assert.deepEqual(frames([{ p: '00 10 00 18 04 f0 66 6f 6f', m: true }], auxiliary), ['foo@0']);
  });

  test('fragments that state the size of the whole, as the RFC has it', () => {
    const scripts = [
      { p: hbr('abc', 8), t: 7 },
      { p: hbr('def', 8), t: 7 },
      { p: hbr('gh', 8), t: 7, m: true },
      { p: hbr('next', 4), t: 1031, m: true },
    ];
    assert.deepEqual(frames(scripts), ['abcdefgh@7', 'next@1031']);
    assert.equal(unpack(depacketizer(), scripts)[0]?.arrival, 2);
  });

  test('fragments that state their own size (gortsplib, mediamtx)', () => {
    const scripts = [
      { p: hbr('abc', 3), t: 7 },
      { p: hbr('def', 3), t: 7 },
      { p: hbr('gh', 2), t: 7, m: true },
    ];
    assert.deepEqual(frames(scripts), ['abcdefgh@7']);
  });

  test('a camera that sets no markers: the first unit waits for the second, others for none', () => {
    const target = depacketizer();
    const one = (text: string, t: number) =>
      target.push(received({ p: hbr(text, 3), t })).map((f) => `${f.data}`);
    assert.deepEqual([one('abc', 0), one('def', 1024), one('ghi', 2048)], [[], ['abc', 'def'], ['ghi']]);
    assert.equal(target.malformed, 0);
  });

  test('a fragment after loss, a unit cut short by its marker or by another timestamp, is no frame', () => {
    const target = depacketizer();
    const scripts: Script[] = [
      { p: hbr('abc', 8), t: 1 },
      { p: hbr('gh', 8), t: 1, m: true, lost: 1 },
      { p: hbr('abc', 8), t: 2 },
      { p: hbr('abc', 8), t: 3 },
      { p: hbr('de', 8), t: 3, m: true },
      { p: hbr('good', 4), t: 4, m: true },
      { p: hbr('abc', 8), t: 5 },
      { p: hbr('fine', 4), t: 6, m: true, restarted: true },
    ];
    assert.deepEqual(frames(scripts, target), ['good@4', 'fine@6']);
    assert.equal(target.malformed, 3);
  });

  test('interleaved units are left out, and it is said', () => {
    const target = depacketizer();
    const interleaved = { p: '00 20 00 18 00 19 61 61 61 62 62 62', m: true };
    assert.deepEqual(frames([interleaved, { p: hbr('abc', 3), m: true }], target), ['abc@0']);
    assert.match(target.leftOut ?? '', /interleaved/);
    assert.equal(depacketizer().leftOut, undefined);
    const announced = auHeaderLengths(new Map([['maxdisplacement', '4096']]));
    assert.deepEqual(announced, { unsupported: 'interleaved AAC (maxDisplacement)' });
    assert.ok('unsupported' in auHeaderLengths(new Map([['mode', 'CELP-vbr']])));
  });

  test('Anjvision: ADTS frames without AU headers (go2rtc#1328, mpv#5669)', () => {
    const packet = Buffer.concat([adts(Buffer.from('abc'), 16_000, 1), adts(Buffer.from('de'), 16_000, 1)]);
    const target = depacketizer();
    const before = target.audio;
    assert.deepEqual(frames([{ p: packet, t: 9, m: true }], target), ['abc@9', 'de@9+64']);
    assert.equal(target.audio, before);
  });

  test('ADTS headers inside the access units (gortsplib), which say more than the SDP', () => {
    const target = depacketizer();
    const unit = adts(Buffer.from('abc'), 8000, 2);
    const [frame] = unpack(target, [{ p: hbr(unit, unit.length), t: 9, m: true }]);
    assert.equal(`${frame?.data}`, 'abc');
    assert.deepEqual([frame?.audio.sampleRate, frame?.audio.channels, frame?.duration], [8000, 2, 128]);
    assert.equal(target.audio, frame?.audio);
  });

  const MALFORMED: [name: string, packet: string][] = [
    ['one byte', '00'],
    ['no headers', '00 00 61 62'],
    ['headers beyond the packet', '00 20 00 18'],
    ['less than a header', '00 08 18 61 62'],
    ['headers, but no data', '00 10 00 18'],
    ['a second unit beyond the packet', '00 20 00 18 00 20 61 62 63 64 65'],
    ['the last of a fragment alone, with its marker', '00 10 00 40 61 62'],
  ];
  for (const [name, packet] of MALFORMED)
    test(`counted: ${name}`, () => {
      const target = depacketizer();
      const found = frames(
        [
          { p: packet, m: true },
          { p: hbr('good', 4), t: 1, m: true },
        ],
        target,
      );
      assert.equal(found.at(-1), 'good@1');
      assert.equal(target.malformed, 1);
    });

  test('an empty packet, which opens firewalls, is nothing', () => {
    const target = depacketizer();
    assert.deepEqual(frames([{ p: '' }], target), []);
    assert.equal(target.malformed, 0);
  });

  test('a packet cut at each byte: no throw, and only whole units of it', () => {
    const whole = hbr('foobarbaz', 3, 3, 3);
    for (let length = 0; length < whole.length; length++) {
      const found = frames([{ p: whole.subarray(0, length), m: true }]);
      assert.deepEqual(
        found,
        ['foo@0', 'bar@0+64', 'baz@0+128'].slice(0, Math.max(0, Math.floor((length - 8) / 3))),
      );
    }
  });

  test('whatever is cut into fragments is put together, in either way of stating sizes', () => {
    const unit = fc.record({
      data: fc.uint8Array({ minLength: 1, maxLength: 300 }).filter((data) => data[0] !== 0xff),
      cut: fc.integer({ min: 1, max: 100 }),
    });
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 6 }), fc.boolean(), (units, own) => {
        const scripts = units.flatMap(({ data, cut }, t) => {
          const parts: Buffer[] = [];
          for (let at = 0; at < data.length; at += cut) parts.push(Buffer.from(data.subarray(at, at + cut)));
          return parts.map((part, i) => ({
            p: hbr(part, own ? part.length : data.length),
            t: t * 1024,
            m: i === parts.length - 1,
          }));
        });
        const found = unpack(depacketizer(), scripts);
        assert.deepEqual(
          found.map(({ data, timestamp }) => [data.toString('hex'), timestamp]),
          units.map(({ data }, t) => [Buffer.from(data).toString('hex'), t * 1024]),
        );
      }),
    );
  });

  test('whatever comes, with whatever lengths: no throw, and no more bytes than came', () => {
    const number = fc.integer({ min: 0, max: 99 }).map(String);
    const fmtp = fc.record({
      sizelength: number,
      indexlength: number,
      indexdeltalength: number,
      ctsdeltalength: number,
      dtsdeltalength: number,
      streamstateindication: number,
      randomaccessindication: fc.constantFrom('0', '1'),
      auxiliarydatasizelength: number,
    });
    const head = fc.constantFrom('', '0010', '0020', '00300018', '001001f0', 'fff15040');
    const packet = fc.record({
      head,
      tail: fc.uint8Array({ maxLength: 200 }),
      t: fc.integer({ min: 0, max: 3 }),
      m: fc.boolean(),
      lost: fc.constantFrom(0, 0, 0, 2),
    });
    fc.assert(
      fc.property(fmtp, fc.boolean(), fc.array(packet, { maxLength: 20 }), (fields, plain, packets) => {
        const lengths = plain ? lengthsOf(HBR) : auHeaderLengths(new Map(Object.entries(fields)));
        const stream = aacStream(bytes('14 08'));
        assert.ok(stream && !('unsupported' in lengths));
        const target = new AacDepacketizer({ stream, lengths, clockRate: 16_000 });
        let came = 0;
        let out = 0;
        for (const { head, tail, t, m, lost } of packets) {
          const payload = Buffer.concat([Buffer.from(head, 'hex'), tail]);
          came += payload.length;
          for (const { data, duration, offset } of target.push(received({ p: payload, t, m, lost }))) {
            out += data.length;
            assert.ok(data.length > 0 && duration > 0 && offset >= 0 && offset < 128 * 128 * 200);
          }
        }
        assert.ok(out <= came, `${out} bytes out of ${came}`);
      }),
      { numRuns: 500 },
    );
  });

  test('a unit without end takes no more than 16 KB', () => {
    const target = depacketizer('sizelength=32;indexlength=0;indexdeltalength=0');
    const part = Buffer.concat([bytes('00 20 7f ff ff ff'), Buffer.alloc(1000)]);
    assert.deepEqual(unpack(target, [{ p: part }]), []);
    assert.equal(target.malformed, 1);
    const own = Buffer.concat([bytes('00 20 00 00 03 e8'), Buffer.alloc(1000)]);
    const script = { p: own, t: 5 };
    assert.deepEqual(
      unpack(
        target,
        Array.from({ length: 100 }, () => script),
      ),
      [],
    );
    assert.ok(target.malformed > 5);
  });
});
