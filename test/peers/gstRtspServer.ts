/** Starts gst-rtsp-server, an RTSP server that we did not write, for one test file. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { TestHost } from '../network/namespaces.ts';

const SCRIPT = join(import.meta.dirname, 'gstRtspServer.py');
/** The distribution's Python: another one in the PATH has no GObject bindings. */
const PYTHON = '/usr/bin/python3';
const run = promisify(execFile);

export type GstPath =
  | 'live'
  | 'vod'
  | 'h265'
  | 'mpeg4'
  | 'vp8'
  | 'vp9'
  | 'jpeg'
  | 'jpeg422'
  | 'jpegbig'
  | 'multicast'
  | 'publish'
  | 'published';

export interface GstRtspServer {
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** Address without credentials. `live`: endless, 320×240 at 15 fps; `vod`: a recording of 3 s; `h265`, `mpeg4`: the same, of 5 s; `vp8`, `vp9`, `jpeg…`: endless. Digest, TCP and UDP. */
  url(path: GstPath): string;
  /** RTSP sessions open now. */
  readonly sessions: number;
  /** TCP connections since the start. */
  readonly connections: number;
  /** Pictures that the source gave since the start, whichever path they were for. */
  readonly frames: number;
  /** Ends the server; resolves when it is gone. */
  close(): Promise<void>;
}

/** What is missing to run the server, or undefined: tests say it when they are skipped. */
export async function gstServerMissing(): Promise<string | undefined> {
  const script =
    "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer";
  try {
    await run(PYTHON, ['-c', script]);
    return undefined;
  } catch {
    return 'needs Debian’s gir1.2-gst-rtsp-server-1.0, python3-gi and gstreamer1.0-plugins-ugly';
  }
}

export interface GstServerOptions {
  /** Certificate and key in PEM: it is spoken to over TLS. */
  tls?: { cert: string; key: string };
  /** A host of a test network that it runs on, and its address there; default: this machine, 127.0.0.1. With one it has `multicast`. */
  on?: { host: TestHost; address: string };
  /** Default: a free one. */
  port?: number;
}

/** Starts the server on a free port and waits until it listens. */
export async function startGstServer({
  tls,
  on,
  port: fixed,
}: GstServerOptions = {}): Promise<GstRtspServer> {
  const username = 'operator';
  const password = 'p@ss:w#rd';
  const directory = await mkdtemp(join(tmpdir(), 'walleye-gst-'));
  const vod = join(directory, 'vod.mp4');
  // biome-ignore format: one option per pair
  await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=320x240:rate=15:duration=3',
    '-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-g', '15', '-pix_fmt', 'yuv420p', vod]);
  const h265 = join(directory, 'h265.mp4');
  // biome-ignore format: one option per pair
  await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=320x240:rate=15:duration=5',
    '-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none:bframes=0:keyint=15', '-tag:v', 'hvc1',
    '-pix_fmt', 'yuv420p', h265]);

  // biome-ignore format: one option per pair
  await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=320x240:rate=15:duration=5',
    '-c:v', 'mpeg4', '-g', '15', '-b:v', '300k', join(directory, 'mpeg4.mp4')]);

  const pem = join(directory, 'tls.pem');
  if (tls) await writeFile(pem, `${tls.key}\n${tls.cert}\n`);
  const args = [
    SCRIPT,
    username,
    password,
    directory,
    tls ? pem : '-',
    on?.address ?? '-',
    String(fixed ?? 0),
  ];
  const child = on ? on.host.spawn(PYTHON, args) : spawn(PYTHON, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let counts = { sessions: 0, connections: 0, frames: 0 };
  const close = () => end(child, directory);
  try {
    const port = await new Promise<number>((resolve, reject) => {
      let errors = '';
      child.stderr?.on('data', (text) => {
        errors = (errors + text).slice(-4000);
      });
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`gst-rtsp-server ended with ${code}: ${errors}`)));
      createInterface(child.stdout!).on('line', (line) => {
        const fact = JSON.parse(line) as { port: number } | typeof counts;
        if ('port' in fact) resolve(fact.port);
        else counts = fact;
      });
    });
    return {
      port,
      username,
      password,
      url: (path) => `rtsp${tls ? 's' : ''}://${on?.address ?? '127.0.0.1'}:${port}/${path}`,
      get sessions() {
        return counts.sessions;
      },
      get connections() {
        return counts.connections;
      },
      get frames() {
        return counts.frames;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function end(child: ChildProcess, directory: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }
  await rm(directory, { recursive: true, force: true });
}
