/** Whether what was recorded can be played and is what the cameras sent, picture by picture. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readSegmentPath } from '../../../daemon/record/segmentName.ts';
import { stampsIn } from '../stampsIn.ts';
import { continuityOf, type Gap, type RecordedPicture } from './continuity.ts';
import { type ProbedFile, type ProbedVideo, probeFile } from './probe.ts';

export interface RecordingCheck {
  files: number;
  pictures: number;
  /** What is wrong with files, each as a sentence. */
  unplayable: string[];
  unlikeSource: string[];
  /** Pictures whose number cannot be read. */
  unreadable: number;
  repeated: number;
  gaps: (Gap & { camera: string })[];
}

export interface CheckOptions {
  folder: string;
  source: ProbedVideo;
  fps: number;
  /** Pictures in the cameras' clip. All play the same one. */
  frames: number;
}

/** Looks at every file in the folder of recordings. */
export async function checkRecordings({
  folder,
  source,
  fps,
  frames,
}: CheckOptions): Promise<RecordingCheck> {
  const check: RecordingCheck = {
    ...{ files: 0, pictures: 0, unreadable: 0, repeated: 0 },
    ...{ unplayable: [], unlikeSource: [], gaps: [] },
  };
  const numbers = new PictureNumbers();
  for (const [camera, files] of filesOf(folder)) {
    const pictures: RecordedPicture[] = [];
    for (const { path, startedAt } of files) {
      check.files++;
      const file = await probeFile(join(folder, path)).catch((error: Error) => error);
      const unlike = file instanceof Error ? undefined : difference(file, source, fps);
      if (unlike) check.unlikeSource.push(`${path}: ${unlike}`);
      const stamps = file instanceof Error ? file : await numbers.of(join(folder, path), file);
      if (file instanceof Error || stamps instanceof Error) {
        check.unplayable.push(`${path}: ${stamps instanceof Error ? stamps.message : ''}`);
        continue;
      }
      check.pictures += file.pictures.length;
      for (const [i, { time }] of file.pictures.entries()) {
        const stamp = stamps[i];
        if (stamp === undefined) check.unreadable++;
        else pictures.push({ time: startedAt / 1000 + time, stamp });
      }
    }
    const { gaps, repeated } = continuityOf(pictures, fps, frames);
    check.repeated += repeated;
    check.gaps.push(...gaps.map((gap) => ({ ...gap, camera })));
  }
  return check;
}

/** Of each camera, in the order of time. */
export function filesOf(folder: string): Map<string, { path: string; startedAt: number }[]> {
  const files = new Map<string, { path: string; startedAt: number }[]>();
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const name = readSegmentPath(path);
    if (name)
      files.set(name.camera, [...(files.get(name.camera) ?? []), { path, startedAt: name.startedAt }]);
  }
  for (const some of files.values()) some.sort((a, b) => a.startedAt - b.startedAt);
  return files;
}

function difference(file: ProbedFile, source: ProbedVideo, fps: number): string | undefined {
  for (const what of ['codec_name', 'profile', 'level', 'width', 'height'] as const)
    if (file[what] !== source[what]) return `${what} ${file[what]}, of the source ${source[what]}`;
  const several = file.pictures.length > 2;
  if (several && Math.abs(file.fps / fps - 1) > 0.01)
    return `${file.fps} pictures a second, of the source ${fps}`;
  return undefined;
}

/**
 * The numbers in the pictures. All cameras play one clip, and what is recorded is what they sent to the bit: each picture is
 * decoded once and known again by its bytes, so that a day of recordings is checked in minutes.
 */
class PictureNumbers {
  #byHash = new Map<string, number>();

  async of(path: string, file: ProbedFile): Promise<(number | undefined)[] | Error> {
    if (!file.pictures.every(({ hash }) => this.#byHash.has(hash))) {
      const stamps = await stampsIn(path, file).catch((error: Error) => error);
      if (stamps instanceof Error) return stamps;
      if (stamps.length !== file.pictures.length)
        return new Error(`${stamps.length} of ${file.pictures.length} pictures can be decoded`);
      for (const [i, { hash }] of file.pictures.entries())
        if (stamps[i] !== undefined) this.#byHash.set(hash, stamps[i]);
    }
    return file.pictures.map(({ hash }) => this.#byHash.get(hash));
  }
}
