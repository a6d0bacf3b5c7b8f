/** The API over recordings that are made in a moment: ffmpeg's own pictures, known by their checksums. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import type { ApiDeps } from '../../daemon/api/deps.ts';
import { Exports } from '../../daemon/camera/exports.ts';
import { Footage } from '../../daemon/camera/footage.ts';
import { RecordedRanges } from '../../daemon/camera/recordedRange.ts';
import { Library } from '../../daemon/record/library.ts';
import { Recorder } from '../../daemon/record/recorder.ts';
import type { Segment } from '../../daemon/record/segmentIndex.ts';
import { audioClip, videoClip } from '../mp4/clips.ts';
import { type ApiServer, startApi } from './apiServer.ts';

const run = promisify(execFile);
export const FPS = 25;
/** Unix milliseconds of the first picture of all. */
export const START = Date.UTC(2026, 9, 22, 14, 32);
/** Seconds of each of a camera's two recordings, which are cut into files, and between them. */
export const SECONDS = 6;
export const GAP = 3;

export interface Shown {
  /** Seconds of the file's own time. */
  time: number;
  /** Of the decoded picture. */
  hash: string;
}

/** Checksums and times of a film's pictures, as ffmpeg shows them. */
export async function shownIn(file: string, ...input: string[]): Promise<Shown[]> {
  const args = ['-v', 'error', ...input, '-i', file, '-map', '0:v:0', '-fps_mode', 'passthrough'];
  const { stdout, stderr } = await run('ffmpeg', [...args, '-f', 'framemd5', '-'], { maxBuffer: 1 << 26 });
  if (stderr !== '') throw new Error(`ffmpeg: ${stderr}`);
  const [, over = 1, under = 1] = (/#tb 0: (\d+)\/(\d+)/.exec(stdout) ?? []).map(Number);
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').map((word) => word.trim()))
    .map(([, , pts = '', , , hash = '']) => ({ time: (Number(pts) * over) / under, hash }));
}

export interface Film {
  camera: 'door' | 'yard';
  /** All its pictures in the order in which they are shown. */
  hashes: string[];
}

export interface RecordedServer extends ApiServer {
  folder: string;
  library: Library;
  exports: Exports;
  /** `door` has sound, `yard` pictures that are decoded in another order than they are shown. */
  films: Film[];
  segments(camera: string): Segment[];
  /** Another daemon in the same folder. */
  restart(): Promise<void>;
}

export async function startRecordedServer(): Promise<RecordedServer> {
  const folder = mkdtempSync(join(tmpdir(), 'walleye-recorded-'));
  const recordings = join(folder, 'recordings');
  const rules = { days: () => undefined, mostBytes: undefined, leastFree: 0 };
  const open = () => Library.open(recordings, join(folder, 'indexes'), rules);
  let library = await open();
  const films = [await film(folder, library, 'door'), await film(folder, library, 'yard')];
  const begin = async () => {
    const cameras = {
      camera: (id: string) => (id === 'door' || id === 'yard' ? { name: `The ${id}` } : undefined),
    };
    const footage = new Footage({ recordings: { library }, cameras });
    const ranges = new RecordedRanges(footage);
    const log = pino({ level: 'silent' });
    const exports = new Exports({ footage, ranges, cameras, boxName: () => 'Box 7', version: '1', log });
    const stop = new AbortController();
    const done = exports.run(stop.signal);
    const others = { recordings: {}, playback: {}, recordedPictures: {} } as unknown as Partial<ApiDeps>;
    const deps = { ...others, recordedRanges: ranges, exports };
    const api = await startApi(deps);
    const end = async () => {
      stop.abort();
      await done;
      await api.close();
      library.end();
    };
    return { api, exports, end };
  };
  let running = await begin();
  const server: RecordedServer = {
    ...running.api,
    ...{ folder, library, films, exports: running.exports },
    segments: (camera) => library.index.find({ camera, limit: 1_000 }),
    restart: async () => {
      await running.end();
      library = await open();
      running = await begin();
      Object.assign(server, running.api, { library, exports: running.exports, close });
    },
    close,
  };
  async function close() {
    await running.end();
    rmSync(folder, { recursive: true, force: true });
  }
  return server;
}

/** Two recordings with a gap between them, each in files of two seconds. */
async function film(folder: string, library: Library, camera: Film['camera']): Promise<Film> {
  const pictures = SECONDS * 2 * FPS;
  const coder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-bf', camera === 'yard' ? '2' : '0'];
  const { file, units } = await videoClip(folder, camera, 'h264', coder, { fps: FPS, pictures });
  const sound = camera === 'door' ? await audioClip(folder, 'aac', { seconds: SECONDS * 2 }) : [];
  const half = SECONDS * 1000;
  for (const [first, pause] of [
    [0, 0],
    [half, GAP * 1000],
  ] as const) {
    const recorder = new Recorder({
      ...{ camera, stream: `${camera}_main`, folder: library.folder, index: library.index },
      limits: { fragment: 400, length: 2_000 },
      clock: () => START - 5_000 + pause,
      failed: (error) => {
        throw error;
      },
    });
    const its = units.slice((first / 1000) * FPS, ((first + half) / 1000) * FPS);
    const heard = sound.filter(({ mediaTime }) => mediaTime >= first && mediaTime < first + half);
    const all = [
      ...its.map((unit) => ({ at: unit.receivedAt, push: () => recorder.push(unit) })),
      ...heard.map((frame) => ({ at: frame.receivedAt, push: () => recorder.pushSound(frame) })),
    ];
    for (const { push } of all.sort((a, b) => a.at - b.at)) push();
    await recorder.stop();
  }
  return { camera, hashes: (await shownIn(file)).map(({ hash }) => hash) };
}
