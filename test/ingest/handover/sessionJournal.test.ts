/** What a session's journal holds at any moment at which its daemon may be killed. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { pino } from 'pino';
import { CLOCK_BASE, type Handover } from '../../../daemon/ingest/handover/handover.ts';
import { readRecords, recordHead } from '../../../daemon/ingest/handover/journalRecords.ts';
import { TALK, takeLeft } from '../../../daemon/ingest/handover/leftFolder.ts';
import { SessionJournal } from '../../../daemon/ingest/handover/sessionJournal.ts';
import { RtspDemuxer } from '../../../daemon/rtsp/rtspDemuxer.ts';
import { RtspHeaders } from '../../../daemon/rtsp/rtspMessage.ts';

const base = mkdtempSync(join(tmpdir(), 'walleye-journal-'));
after(() => rmSync(base, { recursive: true, force: true }));

class TestHandover implements Handover {
  readonly folder = join(base, 'stream-door');
  wanted = true;
  kept = 0;
  take = async () => undefined;
  keep = () => {
    this.kept++;
  };
  release = () => {
    this.kept--;
  };
}

/** An interleaved frame that is one picture. The second byte of the payload says whether it is a key picture. */
function picture(key: boolean, size: number): Buffer {
  const frame = Buffer.alloc(4 + size, key ? 1 : 2);
  frame.writeUInt32BE((0x24 << 24) | size);
  frame[4] = 0x80;
  return frame;
}

/** A connection whose bytes go through a journal, as RtspConnection does it. */
class Connection {
  readonly handover = new TestHandover();
  readonly #demuxer = new RtspDemuxer();
  readonly journal: SessionJournal;

  constructor() {
    const log = pino({ level: 'silent' });
    this.journal = new SessionJournal(this.handover, () => 7, log, true);
    this.#demuxer.addChannel(0);
    const headers = new RtspHeaders();
    this.journal.answered('PLAY', 'rtsp://c/', {
      kind: 'response',
      status: 200,
      reason: 'OK',
      headers,
      body: Buffer.alloc(0),
    });
    this.journal.playing();
    this.journal.taken(this.#demuxer, 0);
  }

  receive(bytes: Buffer, at: number): void {
    this.journal.received(bytes, at);
    for (const item of this.#demuxer.feed(bytes))
      if (item.kind === 'frame') this.journal.picture(item.payload[1] === 1, at);
    this.journal.taken(this.#demuxer, at);
  }
}

describe('a session’s journal', () => {
  it('leaves, wherever it is cut, all bytes from an item on, and a key picture that is old enough among them', () => {
    const clip = fc.record({
      sizes: fc.array(fc.integer({ min: 12, max: 3000 }), { minLength: 60, maxLength: 200 }),
      group: fc.integer({ min: 1, max: 40 }),
      reads: fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 50 }),
    });
    fc.assert(
      fc.property(clip, ({ sizes, group, reads }) => {
        const pictures = sizes.map((size, i) => picture(i % group === 0, size));
        const starts = pictures.map((_, i) =>
          pictures.slice(0, i).reduce((sum, { length }) => sum + length, 0),
        );
        const stream = Buffer.concat(pictures);
        const connection = new Connection();
        // Ten pictures a second; a read comes when its last picture does.
        const timeOf = (byte: number) => (starts.findLastIndex((start) => start < byte) + 1) * 100;
        let read = 0;
        let at = 0;
        for (let i = 0; at < stream.length; i++) {
          const end = Math.min(at + (reads[i % reads.length] ?? 1), stream.length);
          connection.receive(stream.subarray(at, end), timeOf(end));
          at = end;
          read = end;
        }
        const now = timeOf(read);
        const left = takeLeft(connection.handover.folder);
        assert.ok(left);
        assert.equal(left.talk[0]?.method, 'PLAY');
        const bytes = Buffer.concat(left.records.map((one) => one.bytes));
        const from = stream.length - bytes.length;
        assert.ok(bytes.equals(stream.subarray(from)), 'the end of the stream, without a gap');
        assert.ok(starts.includes(from), 'from the beginning of an item on');
        const times = left.records.map((one) => one.at - CLOCK_BASE);
        assert.deepEqual(
          times,
          times.toSorted((a, b) => a - b),
        );
        // The first key picture that is whole in it: what a recorder begins with.
        const keys = starts.filter((start, i) => i % group === 0 && start >= from);
        const old = starts.filter((start, i) => i % group === 0 && timeOf(start + 1) <= now - 2_500);
        if (old.length > 0)
          assert.ok(timeOf((keys[0] ?? stream.length) + 1) <= now - 2_400, 'reaches back far enough');
        assert.throws(() => readdirSync(connection.handover.folder), /ENOENT/);
        connection.journal.end();
      }),
      { numRuns: 60 },
    );
  });

  it('keeps to eight megabytes of a camera that sends no key pictures', () => {
    const connection = new Connection();
    for (let n = 0; n < 400; n++) connection.receive(picture(false, 60_000), n * 40);
    const left = takeLeft(connection.handover.folder);
    const bytes = left?.records.reduce((sum, one) => sum + one.bytes.length, 0) ?? 0;
    assert.ok(bytes > 0 && bytes < 9 * 1024 * 1024, `${bytes}`);
    connection.journal.end();
  });

  it('is there as long as every picture counts, and no longer than the connection', () => {
    const connection = new Connection();
    const { handover, journal } = connection;
    assert.equal(handover.kept, 1);
    handover.wanted = false;
    connection.receive(picture(true, 100), 100);
    assert.equal(handover.kept, 0);
    assert.throws(() => readdirSync(handover.folder), /ENOENT/);
    handover.wanted = true;
    connection.receive(picture(true, 100), 200);
    assert.equal(handover.kept, 1);
    journal.end();
    assert.equal(handover.kept, 0);
    assert.throws(() => readdirSync(handover.folder), /ENOENT/);
    connection.receive(picture(true, 100), 300);
    assert.throws(() => readdirSync(handover.folder), /ENOENT/);
  });

  it('ends, and the session goes on, where it cannot be written', () => {
    const connection = new Connection();
    rmSync(connection.handover.folder, { recursive: true });
    for (let n = 0; n < 40; n++) connection.receive(picture(n % 10 === 0, 100), n * 100);
    assert.equal(connection.handover.kept, 0);
  });
});

describe('records', () => {
  it('are read as far as they were written', () => {
    const written = [Buffer.from('one'), Buffer.alloc(0), Buffer.from('three')];
    const file = Buffer.concat(written.flatMap((bytes, i) => [recordHead(bytes.length, i), bytes]));
    for (let end = 0; end <= file.length; end++) {
      const read = Buffer.concat(readRecords(file.subarray(0, end)).map(({ bytes }) => bytes));
      assert.ok('onethree'.startsWith(read.toString()), `${end}: ${read}`);
    }
    assert.deepEqual(
      readRecords(file).map(({ at, bytes }) => [at, bytes.toString()]),
      [
        [0, 'one'],
        [1, ''],
        [2, 'three'],
      ],
    );
  });
});

it('what nobody could go on with is taken for nothing, and is gone', () => {
  const folder = join(base, 'stream-odd');
  const part = Buffer.concat([recordHead(3, 1), Buffer.from('abc')]);
  for (const files of [{}, { [TALK]: '[]' }, { '1.part': part }, { [TALK]: '[', '1.part': part }]) {
    mkdirSync(folder);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    assert.equal(takeLeft(folder), undefined);
    assert.throws(() => readdirSync(folder), /ENOENT/);
  }
  assert.equal(takeLeft(folder), undefined);
});
