/** MPEG-4 part 2, VP8, VP9, AV1: what comes of their packets, in a decoder. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DecoderChild } from '../../daemon/decode/decoderChild.ts';
import { ffmpegArgs } from '../../daemon/decode/ffmpegArgs.ts';
import { findFfmpeg } from '../../daemon/decode/ffmpegChoice.ts';
import { jpegSize } from '../../daemon/jpeg/jpegSize.ts';
import { pictureClip, receive } from '../ingest/pictures/clips.ts';
import { until } from '../ingest/until.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'walleye-codecs-'));
});
after(() => rm(folder, { recursive: true, force: true }));

describe('a decoder', () => {
  for (const codec of ['mpeg4', 'vp8', 'vp9', 'av1'] as const)
    it(`gives each picture of ${codec} before the next is written, also behind a group at once`, async () => {
      const { units } = receive(await pictureClip(folder, codec));
      const binary = await findFfmpeg({});
      const selection = { burst: 4, perMille: 1000 };
      const { video } = units[0]!;
      const output = { width: 160, height: 90, quality: 80 };
      const args = ffmpegArgs({
        ...{ version: binary.release, filters: binary.filters, codec, hwaccel: 'software', device: null },
        ...{ input: video, output, select: selection },
      });
      const pictures: { data: Buffer; receivedAt: number }[] = [];
      const child = new DecoderChild({
        ...{ command: { command: binary.path, args }, codec, selection, burst: units.slice(0, 4) },
        patience: 30_000,
        picture: (data, receivedAt) => pictures.push({ data, receivedAt }),
      });
      const abort = new AbortController();
      const running = child.run(abort.signal);
      await until(() => pictures.length === 2);
      for (const unit of units.slice(4, 16)) {
        const count = pictures.length;
        child.feed(unit);
        await until(() => pictures.length > count);
      }
      abort.abort();
      await running;
      const shown = [units[0]!, ...units.slice(3, 16)];
      assert.deepEqual(
        pictures.map(({ receivedAt }) => receivedAt),
        shown.map(({ receivedAt }) => receivedAt),
      );
      for (const { data } of pictures) assert.deepEqual(jpegSize(data), { width: 160, height: 90 });
    });
});
