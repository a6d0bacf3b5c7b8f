import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { readFragmentHead } from '../mp4/fragmentHead.ts';
import type { ExportFolder } from './exportFolder.ts';
import { type ExportMovie, layOutMovie } from './exportMovie.ts';
import { type Piece, PieceReader } from './pieces.ts';
import { RecordingGone } from './rangeFile.ts';
import type { RangePlan } from './rangePlan.ts';
import type { ReadAt } from './segmentLayout.ts';

/** Bytes that are copied at a time. */
const CHUNK = 1024 * 1024;

/** How the film will be. @throws RecordingGone, errors of the file system */
export async function movieOf(
  plan: RangePlan<Piece>,
  exact: { from: number; until: number } | undefined,
): Promise<ExportMovie<Piece>> {
  const reader = new PieceReader();
  try {
    return await layOutMovie(plan, exact, async ({ segment, place: { offset, head } }) => {
      const read = await reader.open(segment);
      const found = readFragmentHead(await read(offset, head));
      if (!found) throw new RecordingGone('A recording has changed in this moment.');
      return found;
    });
  } finally {
    await reader.close();
  }
}

/** SHA-256 of what is known of a segment, hexadecimal. @param read told of bytes as they are read; throws to end it */
export async function segmentHash(piece: Piece, read: (bytes: number) => void): Promise<string> {
  const reader = new PieceReader();
  const hash = createHash('sha256');
  try {
    await copyBytes(await reader.open(piece), 0, piece.segment.bytes, hash, read);
  } finally {
    await reader.close();
  }
  return hash.digest('hex');
}

/** Writes the film. @param written told of bytes as they are written; throws to end it @returns its SHA-256, hexadecimal */
export async function writeMovie(
  movie: ExportMovie<Piece>,
  folder: ExportFolder,
  id: string,
  written: (bytes: number) => void,
): Promise<string> {
  const reader = new PieceReader();
  const hash = createHash('sha256').update(movie.head);
  const file = await folder.create(id);
  try {
    await file.writeFile(movie.head);
    for (const { segment, offset, bytes } of movie.copies)
      await copyBytes(await reader.open(segment), offset, bytes, hash, written, file);
    await file.datasync();
  } finally {
    await reader.close();
    await file.close();
  }
  await folder.finish(id);
  return hash.digest('hex');
}

async function copyBytes(
  read: ReadAt,
  offset: number,
  length: number,
  hash: Hash,
  tell: (bytes: number) => void,
  to?: FileHandle,
): Promise<void> {
  for (let at = 0; at < length; at += CHUNK) {
    const wanted = Math.min(CHUNK, length - at);
    const bytes = await read(offset + at, wanted);
    if (bytes.length < wanted) throw new RecordingGone('A recording is shorter than it was a moment ago.');
    hash.update(bytes);
    await to?.writeFile(bytes);
    tell(wanted);
  }
}
