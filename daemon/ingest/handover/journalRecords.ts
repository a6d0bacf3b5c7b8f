/** How a journal says what came and when: length, arrival, bytes. Pure. */

export interface JournalRecord {
  /** Milliseconds of the clock that all processes share. */
  readonly at: number;
  readonly bytes: Buffer;
}

const HEAD = 12;

/** What stands in front of so many bytes. */
export function recordHead(length: number, at: number): Buffer {
  const head = Buffer.allocUnsafe(HEAD);
  head.writeUInt32BE(length, 0);
  head.writeDoubleBE(at, 4);
  return head;
}

/** Total. A last one that was cut off is given as far as it goes: the rest of it is lost, and RTSP finds its way again. */
export function readRecords(journal: Buffer): JournalRecord[] {
  const records: JournalRecord[] = [];
  for (let at = 0; at + HEAD < journal.length; ) {
    const begin = at + HEAD;
    const end = begin + journal.readUInt32BE(at);
    records.push({ at: journal.readDoubleBE(at + 4), bytes: journal.subarray(begin, end) });
    at = end;
  }
  return records;
}
