/** A virtual camera whose pictures are numbered, and a daemon that records it. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Recording, RecordingList } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { startVirtualCameras, type VirtualCamera } from '../virtual-camera/index.ts';
import { probe, stampsIn } from './stampedVideo.ts';

export const FPS = 15;
/** Of the substream, which is recorded. */
export const SIZE = { width: 640, height: 360 };

export interface Stamped {
  /** Unix seconds. */
  time: number;
  stamp: number | undefined;
  key: boolean;
}

export class RecordedDoor {
  daemon: Daemon;
  /** For files of the test, and the daemon's own. */
  readonly folder: string;
  readonly #camera: VirtualCamera;
  readonly #close: () => Promise<void>;

  private constructor(daemon: Daemon, folder: string, camera: VirtualCamera, close: () => Promise<void>) {
    this.daemon = daemon;
    this.folder = folder;
    this.#camera = camera;
    this.#close = close;
  }

  /** Nothing is recorded yet. */
  static async start(): Promise<RecordedDoor> {
    const folder = await mkdtemp(join(tmpdir(), 'walleye-door-'));
    const cameras = await startVirtualCameras({ cameras: [{ name: 'Door', port: 0, fps: FPS, gop: 2 }] });
    const [camera] = cameras.cameras as [VirtualCamera];
    const daemon = await startDaemon({ stateDir: join(folder, 'state') }).catch(async (error: unknown) => {
      await cameras.close();
      throw error;
    });
    const { id, name, rtspUrl } = camera;
    const streams = (['main', 'sub'] as const).map((profile) => ({ profile, rtsp_url: rtspUrl(profile) }));
    await daemon.api('POST', '/api/cameras', { id, name, streams });
    return new RecordedDoor(daemon, folder, camera, () => cameras.close());
  }

  async close(): Promise<void> {
    await this.daemon.stop();
    await this.#close();
    await rm(this.folder, { recursive: true, force: true });
  }

  async restart(meanwhile: () => Promise<void>): Promise<void> {
    await this.daemon.stop();
    await meanwhile();
    this.daemon = await startDaemon({ stateDir: join(this.folder, 'state') });
  }

  async list(): Promise<Recording[]> {
    return (await this.daemon.api<RecordingList>('GET', '/api/recordings?camera=door')).recordings;
  }

  async record(mode: 'always' | 'off', more = {}): Promise<void> {
    const cameras = { door: { mode, stream: 'sub' } };
    await this.daemon.api('PUT', '/api/recordings/settings', { cameras, ...more });
  }

  /** Records so many seconds into a file of its own. */
  async recorded(seconds: number): Promise<Recording> {
    const before = (await this.list()).length;
    await this.record('always');
    await until(`${seconds} seconds`, async () => {
      const found = (await this.list())[before];
      return found && found.to - found.from > seconds;
    });
    await this.record('off');
    return (await this.list())[before]!;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.daemon.url}${path}`, { headers });
  }

  /** @returns the message */
  async refused(path: string, status: number, code: string, init: RequestInit = {}): Promise<string> {
    const response = await fetch(`${this.daemon.url}${path}`, init);
    const body = (await response.json()) as { error: { code: string; message: string } };
    assert.deepEqual([response.status, body.error.code], [status, code], `${path}: ${body.error.message}`);
    return body.error.message;
  }

  /** Its pictures: the file that is beyond doubt, since recording.test.ts looks at it. */
  async pictures({ id, from }: Recording): Promise<Stamped[]> {
    const url = `${this.daemon.url}/api/recordings/${id}/media.mp4`;
    const [stamps, { packets }] = await Promise.all([stampsIn(url, SIZE), probe(url)]);
    return packets.map(({ pts_time, flags }, i) => ({
      ...{ time: from + Number(pts_time), stamp: stamps[i], key: flags.startsWith('K') },
    }));
  }

  /** Each number is the one after its predecessor. */
  follow(numbers: (number | undefined)[]): void {
    const count = this.#camera.frames('sub');
    for (const [i, number] of numbers.entries())
      if (i > 0)
        assert.equal(number, ((numbers[i - 1] ?? 0) + 1) % count, `picture ${i} of ${numbers.length}`);
  }
}
