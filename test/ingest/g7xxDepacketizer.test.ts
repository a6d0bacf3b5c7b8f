import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { G711Depacketizer } from '../../daemon/ingest/g711Depacketizer.ts';
import { G726Depacketizer, highestFirst } from '../../daemon/ingest/g726Depacketizer.ts';
import { bytes } from './rtpPackets.ts';
import { unpack } from './sound.ts';

describe('G.711 in RTP (RFC 3551 §4.5.14)', () => {
  test('a packet is a frame, of as many samples as it has bytes', () => {
    const target = new G711Depacketizer('pcm_alaw', 8000, 1);
    const [frame, ...others] = unpack(target, [{ p: Buffer.alloc(160, 0xd5), t: 77 }]);
    assert.deepEqual(
      [frame?.duration, frame?.timestamp, frame?.data.length, others.length],
      [20, 77, 160, 0],
    );
    assert.deepEqual(target.audio, {
      codec: 'pcm_alaw',
      sampleRate: 8000,
      channels: 1,
      codecString: undefined,
      config: undefined,
      codeBits: undefined,
    });
  });

  test('other rates and channels; half a sample is left out and counted', () => {
    const target = new G711Depacketizer('pcm_mulaw', 16_000, 2);
    const [frame] = unpack(target, [{ p: Buffer.alloc(65) }, { p: '' }, { p: '00' }]);
    assert.deepEqual([frame?.duration, frame?.data.length, target.malformed], [2, 64, 2]);
  });

  test('the frame is a copy', () => {
    const packet = bytes('01 02');
    const [frame] = unpack(new G711Depacketizer('pcm_mulaw', 8000, 1), [{ p: packet }]);
    packet.fill(0);
    assert.equal(frame?.data.toString('hex'), '0102');
  });
});

describe('G.726 in RTP (RFC 3551 §4.5.4)', () => {
  test('code words from the lowest bit are put in the order of AAL2', () => {
    // RFC 3551: the first code word in the least significant bits.
    assert.equal(highestFirst(bytes('21 43'), 4, 4).toString('hex'), '1234');
    assert.equal(highestFirst(bytes('e4'), 2, 4).toString('hex'), '1b'); // 0 1 2 3
    // Eight codes of 3 bits, 0 to 7: 0xfac688 from the lowest bit on.
    assert.equal(highestFirst(bytes('88 c6 fa'), 3, 8).toString('hex'), '053977');
  });

  test('both orders come to the same frames, with the duration of their code words', () => {
    for (const [bits, length] of [
      [2, 40],
      [3, 60],
      [4, 80],
      [5, 100],
    ] as const) {
      const payload = Buffer.from(Array.from({ length }, (_, i) => (i * 89) & 0xff));
      const codes = (length * 8) / bits;
      const [frame] = unpack(new G726Depacketizer(bits, true, 8000), [{ p: payload }]);
      const [same] = unpack(new G726Depacketizer(bits, false, 8000), [
        { p: highestFirst(payload, bits, codes) },
      ]);
      assert.deepEqual(frame?.data, same?.data);
      assert.deepEqual([frame?.duration, same?.duration], [20, 20]);
      assert.deepEqual([frame?.audio.codec, frame?.audio.codeBits], ['adpcm_g726', bits]);
    }
  });

  test('whatever comes: no throw, as many bytes as came, and back again it is the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.integer({ min: 2, max: 5 }), (random, bits) => {
        const payload = Buffer.from(random);
        const target = new G726Depacketizer(bits, true, 8000);
        const [frame] = unpack(target, [{ p: payload }]);
        assert.equal(frame?.data.length ?? 0, payload.length);
        assert.equal(target.malformed, (payload.length * 8) % bits === 0 ? 0 : 1);
        // Read off bit by bit: code word by code word, lowest bit first, against highest bit first.
        const codes = Math.floor((payload.length * 8) / bits);
        const code = (data: Buffer, at: number, lowest: boolean) => {
          let value = 0;
          for (let i = 0; i < bits; i++) {
            const position = at * bits + i;
            const shift = lowest ? position & 7 : 7 - (position & 7);
            value |= ((data[position >> 3]! >> shift) & 1) << (lowest ? i : bits - 1 - i);
          }
          return value;
        };
        for (let at = 0; at < codes; at++)
          assert.equal(code(frame!.data, at, false), code(payload, at, true));
      }),
    );
  });
});
