import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toRead, toWrite } from './diskTurns.ts';
import type { Library } from './library.ts';
import type { Segment } from './segmentIndex.ts';
import { type FragmentPlace, readLayout, type SegmentLayout } from './segmentLayout.ts';

/** Milliseconds by which two daemons may have found different times for the same picture. */
const TOLERANCE = 1_000;
/** Milliseconds until the walk through the folder has looked into what was being written: it begins with the newest day. */
const PATIENCE = 10_000;
const LOOK_EVERY = 50;
const PER_MS = 90;

/** The first picture of a file that begins. */
export interface Beginning {
  camera: string;
  stream: string;
  /** Unix milliseconds. */
  startedAt: number;
  /** Its data, as it will stand in the file. */
  picture: Buffer;
}

/**
 * A recorder that goes on with the session of a daemon before (ingest/handover/) begins with a key picture, from which on that one may
 * have written more already. From that picture on all is taken out of the older files, so that nothing is there twice; what somebody
 * protects stays as it is.
 *
 * @throws FolderGone, errors of the file system
 */
export async function cutOverlap(library: Library, beginning: Beginning): Promise<void> {
  const { camera, stream, startedAt } = beginning;
  const { index } = library;
  await settled(() => index.left(camera, stream).length === 0);
  const segments = index
    .find({ camera, from: startedAt - TOLERANCE, limit: 100 })
    .filter((segment) => segment.stream === stream && !segment.open);
  for (const [at, segment] of segments.entries()) {
    const place = await find(library, segment, beginning);
    if (!place) continue;
    const concerned = segments.slice(at);
    if (concerned.some((one) => one.protected)) return;
    await library.check();
    for (const later of concerned.slice(1)) await library.remove(later);
    if (place.begins === 0) await library.remove(segment);
    else await cut(library, segment, place);
    return;
  }
}

async function settled(done: () => boolean): Promise<void> {
  const limit = performance.now() + PATIENCE;
  while (!done() && performance.now() < limit) await sleep(LOOK_EVERY);
}

async function cut(library: Library, { id, path, from }: Segment, place: FragmentPlace): Promise<void> {
  await toWrite(async () => {
    const file = await open(join(library.folder, path), 'r+');
    await file.truncate(place.offset).finally(() => file.close());
  });
  library.index.close(id, from + place.begins / PER_MS, place.offset);
}

/** Where in a segment that picture is. */
async function find(
  library: Library,
  { path, from, bytes }: Segment,
  { startedAt, picture }: Beginning,
): Promise<FragmentPlace | undefined> {
  return toRead(async () => {
    const file = await open(join(library.folder, path), 'r');
    try {
      const read = async (offset: number, length: number) => {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, offset);
        return buffer.subarray(0, bytesRead);
      };
      const off = ({ begins }: FragmentPlace) => Math.abs(from + begins / PER_MS - startedAt);
      const layout: SegmentLayout | undefined = await readLayout(read, bytes);
      const near = (layout?.fragments ?? []).filter((one) => one.key && off(one) <= TOLERANCE);
      // Pictures of a scene that stands still may be the same, byte by byte: the nearest it is.
      for (const place of near.toSorted((a, b) => off(a) - off(b)))
        if (picture.equals(await read(place.offset + place.head, picture.length))) return place;
      return undefined;
    } finally {
      await file.close();
    }
  });
}
