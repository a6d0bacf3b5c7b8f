/** RTP packets of JPEG: the published facts of cameras (case 67), and what others’ packetizers make. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import jpeg from 'jpeg-js';
import { JpegDepacketizer } from '../../daemon/ingest/jpegDepacketizer.ts';
import type { ReceivedPacket } from '../../daemon/ingest/rtpReceiver.ts';
import { tablesOf } from '../../daemon/jpeg/jpegHeaders.ts';
import { jpegSize } from '../../daemon/jpeg/jpegSize.ts';
import { ffmpegJpeg, scanOf, tablesIn } from './jpegSource.ts';

/** 64×48, 4:2:0, from ffmpeg. */
const whole = await ffmpegJpeg('64x48');
const scan = scanOf(whole);
const tables = tablesIn(whole);

interface Fields {
  type?: number;
  q?: number;
  /** In blocks of eight pixels. */
  width?: number;
  height?: number;
  tables?: Buffer;
  precision?: number;
  restart?: number;
  size?: number;
  timestamp?: number;
}

/** RFC 2435 §3.1, written here once more. */
function packets(data: Uint8Array, fields: Fields = {}): ReceivedPacket[] {
  const {
    type = 1,
    q = 255,
    width = 8,
    height = 6,
    precision = 0,
    restart,
    size = 400,
    timestamp = 0,
  } = fields;
  const inBand = fields.tables ?? (q >= 128 ? tables : undefined);
  const list: ReceivedPacket[] = [];
  for (let at = 0; at < data.length; at += size) {
    const head = Buffer.from([0, at >> 16, (at >> 8) & 255, at & 255, type, q, width, height]);
    const parts: Uint8Array[] = [head];
    if (restart !== undefined) parts.push(Buffer.of(restart >> 8, restart & 255, 0xff, 0xff));
    if (at === 0 && inBand)
      parts.push(Buffer.of(0, precision, inBand.length >> 8, inBand.length & 255), inBand);
    parts.push(data.subarray(at, at + size));
    list.push(packet(Buffer.concat(parts), { marker: at + size >= data.length, timestamp }));
  }
  return list;
}

let sequence = 0;
function packet(payload: Buffer, changes: Partial<ReceivedPacket> = {}): ReceivedPacket {
  sequence = (sequence + 1) & 0xffff;
  const head = { sequence, timestamp: 0, marker: false, ssrc: 1, payloadType: 26 };
  return { ...head, payload, arrival: 10, lost: 0, restarted: false, ...changes } as ReceivedPacket;
}

const depacketizer = (dimensions?: { width: number; height: number }) =>
  new JpegDepacketizer({ clockRate: 90_000, dimensions });
const taken = (list: ReceivedPacket[], by = depacketizer()) => list.flatMap((one) => by.push(one));

describe('RTP/JPEG', () => {
  test('is the very picture again, with headers that every decoder takes', () => {
    const [unit] = taken(packets(scan));
    assert.ok(unit?.key);
    assert.deepEqual([unit.video.codec, unit.video.width, unit.video.height], ['mjpeg', 64, 48]);
    assert.deepEqual(unit.data.subarray(0, 2), Buffer.of(0xff, 0xd8));
    assert.deepEqual(unit.data.subarray(-2), Buffer.of(0xff, 0xd9));
    const [ours, theirs] = [unit.data, whole].map((data) => jpeg.decode(data, { useTArray: true }));
    assert.deepEqual(ours!.data, theirs!.data);
    assert.deepEqual(jpegSize(unit.data), { width: 64, height: 48 });
  });

  test('4:2:2, type 0: half of the columns of colour, all of its lines', () => {
    const [unit] = taken(packets(scan, { type: 0 }));
    const at = unit!.data.indexOf(Buffer.of(0xff, 0xc0));
    assert.deepEqual([...unit!.data.subarray(at + 9, at + 19)], [3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 1]);
  });

  test('Q of 1 to 99: tables by the formula of RFC 2435 §4.2', () => {
    // Those of T.81, Annex K, as an encoder that is not ours writes them at quality 50.
    const pixels = { width: 16, height: 16, data: Buffer.alloc(16 * 16 * 4, 90) };
    assert.deepEqual(tablesOf(50)?.data, tablesIn(jpeg.encode(pixels, 50).data));
    assert.deepEqual(tablesOf(90)?.data, tablesIn(jpeg.encode(pixels, 90).data));
    assert.deepEqual(tablesOf(10)?.data, tablesIn(jpeg.encode(pixels, 10).data));
    assert.equal(tablesOf(0), undefined);
    assert.equal(tablesOf(100), undefined);
    const [unit] = taken(packets(scan, { q: 60 }));
    assert.deepEqual(tablesIn(unit!.data), tablesOf(60)?.data);
  });

  test('tables of 128 ≤ Q ≤ 254 may be left out once they came, those of 255 not', () => {
    const by = depacketizer();
    assert.equal(taken(packets(scan, { q: 200, tables: Buffer.alloc(0) }), by).length, 0);
    assert.equal(taken(packets(scan, { q: 200, timestamp: 1 }), by).length, 1);
    const [unit] = taken(packets(scan, { q: 200, tables: Buffer.alloc(0), timestamp: 2 }), by);
    assert.deepEqual(tablesIn(unit!.data), tables);
    taken(packets(scan, { q: 255, timestamp: 3 }), by);
    assert.equal(taken(packets(scan, { q: 255, tables: Buffer.alloc(0), timestamp: 4 }), by).length, 0);
  });

  test('tables of 16 bits, and one for both', () => {
    const wide = Buffer.alloc(256);
    for (let i = 0; i < 128; i++) wide.writeUInt16BE(tables[i]!, i * 2);
    const [unit] = taken(packets(scan, { tables: wide, precision: 3 }));
    assert.deepEqual(tablesIn(unit!.data), wide);
    const [grey] = taken(packets(scan, { tables: tables.subarray(0, 64) }));
    assert.deepEqual(tablesIn(grey!.data), Buffer.concat([tables.subarray(0, 64), tables.subarray(0, 64)]));
  });

  test('types 64 and 65: restart markers, whose interval stands in each packet', () => {
    const [unit] = taken(packets(scan, { type: 65, restart: 4 }));
    const at = unit!.data.indexOf(Buffer.of(0xff, 0xdd, 0, 4));
    assert.equal(unit!.data.readUInt16BE(at + 4), 4);
    assert.ok(unit!.data.includes(scan));
  });

  for (const [seen, said] of [
    [
      { width: 64, height: 180 },
      { width: 2560, height: 1440 },
    ],
    [
      { width: 224, height: 14 },
      { width: 3840, height: 2160 },
    ],
    [
      { width: 32, height: 216 },
      { width: 2304, height: 1728 },
    ],
    [
      { width: 0, height: 0 },
      { width: 4096, height: 2048 },
    ],
  ] as const)
    test(`${said.width}×${said.height}, of which eight bits a side are sent: the SDP says it`, () => {
      const [unit] = taken(packets(scan, seen), depacketizer(said));
      assert.deepEqual([unit!.video.width, unit!.video.height], [said.width, said.height]);
      assert.deepEqual(jpegSize(unit!.data), said);
    });

  test('an SDP that says another size than the pictures have is not believed', () => {
    const [unit] = taken(packets(scan), depacketizer({ width: 1280, height: 960 }));
    assert.deepEqual([unit!.video.width, unit!.video.height], [64, 48]);
  });

  test('the end is added, also where there is one: ffmpeg’s decoder overlooks the first at times', () => {
    const ends = (tail: number[]) => {
      const [unit] = taken(packets(Buffer.concat([scan.subarray(0, -2), Buffer.from(tail)])));
      return [...unit!.data.subarray(-4)];
    };
    assert.deepEqual(ends([1, 2]), [1, 2, 0xff, 0xd9]);
    assert.deepEqual(ends([1, 0xd9]), [1, 0xd9, 0xff, 0xd9]);
    assert.deepEqual(ends([0xff, 0xd9]), [0xff, 0xd9, 0xff, 0xd9]);
  });

  test('joined in the middle, after a loss, without a marker, begun anew', () => {
    const by = depacketizer();
    assert.equal(taken(packets(scan).slice(1), by).length, 0, 'joined in the middle');
    assert.equal(by.droppedUnits, 0);
    assert.equal(taken(packets(scan, { timestamp: 9_000 }), by).length, 1);
    const [first, , ...rest] = packets(scan, { timestamp: 18_000 });
    assert.equal(taken([first!, ...rest.map((one, i) => ({ ...one, lost: i === 0 ? 1 : 0 }))], by).length, 0);
    assert.equal(by.droppedUnits, 1);
    const unmarked = packets(scan, { timestamp: 27_000 }).map((one) => ({ ...one, marker: false }));
    assert.equal(taken(unmarked, by).length, 0);
    const [left] = taken(packets(scan, { timestamp: 36_000 }), by);
    assert.equal(left?.mediaTime, 200);
    taken(packets(scan, { timestamp: 45_000 }).slice(0, 2), by);
    const anew = packets(scan, { timestamp: 5 }).map((one, i) => ({ ...one, restarted: i === 0 }));
    assert.equal(taken(anew, by).length, 1);
  });

  test('one object of parameters serves until the size changes', () => {
    const by = depacketizer();
    const [a] = taken(packets(scan), by);
    const [b] = taken(packets(scan, { timestamp: 9_000 }), by);
    const [c] = taken(packets(scan, { timestamp: 18_000, width: 16 }), by);
    assert.equal(a!.video, b!.video);
    assert.notEqual(b!.video, c!.video);
  });

  test('a camera that puts whole files into its packets', () => {
    const [unit] = taken(packets(whole, { q: 60, size: 1_400 }));
    assert.deepEqual(unit!.data, whole);
    assert.deepEqual([unit!.video.width, unit!.video.height], [64, 48]);
  });

  test('what makes no sense is left out', () => {
    for (const fields of [{ type: 5 }, { type: 130 }, { q: 0 }, { q: 110 }])
      assert.equal(taken(packets(scan, fields)).length, 0, JSON.stringify(fields));
    const cut = packets(scan)[0]!.payload.subarray(0, 20);
    assert.equal(taken([packet(cut, { marker: true })]).length, 0);
  });

  test('a packet that ends within its own headers', () => {
    for (const type of [1, 64, 65])
      for (let length = 0; length < 40; length++)
        for (const q of [60, 255]) {
          const head = Buffer.concat([
            Buffer.from([0, 0, 0, 0, type, q, 8, 6, 0, 4, 0xff, 0xff]),
            Buffer.alloc(28),
          ]);
          taken([packet(head.subarray(0, length), { marker: true })]);
        }
  });

  test('any packets: no throw, and every picture is a whole JPEG', () => {
    const any = fc.record({
      payload: fc
        .tuple(
          fc.constantFrom(0, 1, 64, 65),
          fc.constantFrom(60, 200, 255),
          fc.uint8Array({ maxLength: 200 }),
        )
        .map(([type, q, bytes]) => {
          const data = Buffer.from(bytes);
          // At a picture's beginning, of a kind that is read on.
          if (data.length > 5) data.set([0, 0, 0, data[3]! & 1, type, q]);
          return data;
        }),
      timestamp: fc.nat(3),
      marker: fc.boolean(),
      lost: fc.nat(1),
      restarted: fc.boolean(),
    });
    const check = (list: Partial<ReceivedPacket>[]) => {
      const by = depacketizer();
      for (const one of list)
        for (const { data } of by.push(packet(one.payload ?? Buffer.alloc(0), one)))
          assert.ok(data[0] === 0xff && data[1] === 0xd8);
      by.flush();
    };
    fc.assert(fc.property(fc.array(any, { maxLength: 12 }), check), { numRuns: 500 });
  });
});
