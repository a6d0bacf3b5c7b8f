import { FragmentReader, type FragmentSample } from '../../../daemon/mp4/fragmentReader.ts';
import { readSampleEntry } from '../../../daemon/mp4/readSampleEntry.ts';
import { always, pieces } from '../target.ts';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
export const seeds = [
  // A fragment as ffmpeg writes it: one picture of three bytes.
  bytes(
    '00000064 6d6f6f66 00000010 6d666864 00000000 00000001 0000004c 74726166 0000001c 74666864 00020038 00000001 00002328 00000003 01010000 00000014 74666474 01000000 0000000000000000 00000014 7472756e 00000001 00000001 0000006c 0000000b 6d646174 414243',
  ),
  // stsd of H.264 without anything in its avcC.
  bytes(`0000006e 73747364 00000000 00000001 0000005e 61766331 ${'00'.repeat(78)} 00000008 61766343`),
];

/** What comes out of a remuxing ffmpeg, which reads what strangers send: samples do not depend on how the bytes came. */
export function fuzz(data: Buffer): void {
  const read = (chunks: readonly Buffer[]) => {
    const reader = new FragmentReader();
    const samples: FragmentSample[] = chunks.flatMap((chunk) => reader.push(chunk));
    for (const { data: sample } of samples) always(sample.length <= data.length, 'a sample came');
    for (const { boxes } of reader.tracks ?? []) if (boxes.stsd) readSampleEntry(boxes.stsd);
    return samples.map(({ track, shownAt, data: sample }) => `${track} ${shownAt} ${sample.toString('hex')}`);
  };
  always(read([data]).join() === read(pieces(data)).join(), 'cutting changes nothing');
  readSampleEntry(data);
}
