import { createReadStream, type ReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { JpegSplitter } from '../../jpeg/jpegSplitter.ts';
import { MAX_ACCESS_UNIT } from '../accessUnits.ts';
import type { IngestCounters } from '../counters.ts';
import { IngestError } from '../ingestError.ts';
import { JpegSource } from '../jpegSource.ts';
import type { SourceSink } from '../sourceSession.ts';
import { kindOf, looked, PICTURES } from './fileKind.ts';
import type { FileUrl } from './fileUrl.ts';

/** Pictures a second, where the address says nothing: of files with one picture each, and within a file that has many. */
const USUAL_FPS = 1;
const USUAL_VIDEO_FPS = 15;
/** Bytes of a file without a picture in them, after which none is to be hoped for. */
const MOST_RUBBISH = 8 * 1024 * 1024;

/**
 * Pictures of this machine, again and again, as if a camera sent them: the JPEGs of a folder in the order of their names, one JPEG, or a
 * file of M-JPEG. Each round looks anew, so a picture that another program writes is on the wall a moment later.
 */
export class PictureLoop extends JpegSource {
  readonly loginWorked = false;
  readonly #url: FileUrl;
  /** When the last picture was shown, `performance.now()` milliseconds. */
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(url: FileUrl, sink: SourceSink, counters: IngestCounters) {
    super(sink, 'file', counters);
    this.#url = url;
  }

  /** @throws IngestError, or the signal's reason */
  async run(signal: AbortSignal): Promise<'aborted'> {
    const { path: place, fps } = this.#url;
    for (;;) {
      const before = this.counters.frames_received;
      for (const path of await filesOf(place)) await this.#show(path, fps, signal);
      if (this.counters.frames_received === before)
        throw new IngestError('unsupported', 'there is no JPEG in it', { place });
    }
  }

  async #show(path: string, fps: number | undefined, signal: AbortSignal): Promise<void> {
    const splitter = new JpegSplitter(MAX_ACCESS_UNIT);
    let pace = fps ?? USUAL_FPS;
    let file: ReadStream | undefined;
    try {
      // A link in a folder may lead to a device or a pipe, which never ends, or never begins.
      if (!(await stat(path)).isFile()) return;
      file = createReadStream(path, { signal });
      for await (const chunk of file) {
        for (const picture of splitter.push(chunk as Buffer)) {
          const wait = this.#shownAt + 1000 / pace - performance.now();
          if (wait > 0) await sleep(wait, undefined, { signal });
          this.#shownAt = this.take(picture)?.receivedAt ?? this.#shownAt;
          pace = fps ?? USUAL_VIDEO_FPS;
        }
        if (splitter.skippedBytes > MOST_RUBBISH) break;
      }
    } catch (error) {
      signal.throwIfAborted();
      // Gone since it was seen, or not ours to read: the others are shown.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    } finally {
      file?.destroy();
    }
  }
}

/** What is to be shown, in order. @throws IngestError */
async function filesOf(path: string): Promise<string[]> {
  if ((await kindOf(path)) === 'file') return [path];
  const entries = await looked(path, () => readdir(path, { withFileTypes: true }));
  return entries
    .filter((entry) => PICTURES.test(entry.name) && (entry.isFile() || entry.isSymbolicLink()))
    .map(({ name }) => name)
    .sort(new Intl.Collator('en', { numeric: true }).compare)
    .map((name) => join(path, name));
}
