/**
 * `./scripts/start --demo`: virtual cameras and a daemon that shows them, as two children of this process. Whatever
 * ends it (Ctrl-C, a signal, either child's death, a failure), both are gone before it is.
 *
 * With `--first-run` no camera is added: /admin walks through the first run, which finds them. Some want a password.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Camera, CameraAdd, LayoutBody, SettingsPatch, Tile, Wall } from '../daemon/schema.ts';
import { NODE_FLAGS } from '../daemon/system/heap.ts';

/** What test/virtual-camera/demo.ts tells when all its cameras listen. */
interface DemoCameras {
  cameras: {
    id: string;
    name: string;
    auth: string;
    username: string | null;
    password: string | null;
    rtsp: { main: string; sub: string };
    onvif: string;
  }[];
  control: string;
}

/** Milliseconds. The daemon gives itself 4.5 s to say good-bye to the cameras. */
const STOP_LIMIT = 6000;
const root = join(import.meta.dirname, '..');
mkdirSync(join(root, '.state'), { recursive: true });
/** The virtual cameras have other ports each time, so nothing in it is of use to the next demo. */
const stateDir = mkdtempSync(join(root, '.state', 'demo-'));
const host = process.env.WALLEYE_HOST || '127.0.0.1';
const { values } = parseArgs({
  options: {
    cameras: { type: 'string', default: '9' },
    'first-run': { type: 'boolean', default: false },
  },
});
const firstRun = values['first-run'];
/** In the first run so many of the cameras want a password, as they do on a site. */
const LOCKED = 3;

const stop = new AbortController();
let signalled: NodeJS.Signals | undefined;
const children = new Map<string, ChildProcess>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Asked twice: at once.
    if (signalled) for (const child of children.values()) child.kill('SIGKILL');
    signalled = signal;
    stop.abort();
  });
}

let failure: string | undefined;
try {
  await run(stop.signal);
} catch (error) {
  if (!stop.signal.aborted) failure = error instanceof Error ? error.message : String(error);
}
await end('walleye');
await end('virtual cameras');
rmSync(stateDir, { recursive: true, force: true });
if (failure !== undefined) say(failure);
process.exit(failure !== undefined ? 1 : signalled ? 128 + constants.signals[signalled] : 0);

async function run(signal: AbortSignal): Promise<void> {
  const port = await choosePort(signal);
  const demo = await startCameras(signal);
  const url = await startDaemon(port, signal);
  if (!firstRun) await seed(url, demo, signal);
  print(url, demo);
  await once(signal, 'abort');
}

/** The documented port; another one when that is taken and nobody insists on it. */
async function choosePort(signal: AbortSignal): Promise<number> {
  const wanted = process.env.WALLEYE_PORT;
  for (const port of wanted ? [Number(wanted)] : [8080, 0]) {
    const probe = createServer();
    try {
      probe.listen(port, host);
      await once(probe, 'listening', { signal });
      const found = (probe.address() as { port: number }).port;
      probe.close();
      if (port === 0 && !wanted) say(`port 8080 is taken, using ${found} (WALLEYE_PORT chooses another)`);
      return found;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  // Not left to the daemon: we would add the cameras to whoever answers there.
  throw new Error(`port ${wanted} (WALLEYE_PORT) is taken`);
}

async function startCameras(signal: AbortSignal): Promise<DemoCameras> {
  // --with-parent: should this process be killed by -9, the cameras see the end of their stdin.
  const script = join(root, 'test/virtual-camera/demo.ts');
  const args = [script, '--cameras', values.cameras, '--discovery', 'lo', '--with-parent'];
  if (firstRun) args.push('--locked', String(Math.min(LOCKED, Number(values.cameras) || 0)));
  const child = start('virtual cameras', process.execPath, args, {});
  const [line] = await once(createInterface({ input: child.stdout! }), 'line', { signal });
  return JSON.parse(String(line)) as DemoCameras;
}

async function startDaemon(port: number, signal: AbortSignal): Promise<string> {
  const main = [process.execPath, ...NODE_FLAGS, join(root, 'daemon/main.ts')];
  // The kernel's own --with-parent, where util-linux has it.
  const tied = ['setpriv', '--pdeathsig', 'TERM'];
  const has = spawnSync(tied[0]!, [...tied.slice(1), 'true']).status === 0;
  const [command, ...args] = [...(has ? tied : []), ...main];
  start('walleye', command!, args, {
    WALLEYE_STATE_DIR: stateDir,
    WALLEYE_PORT: String(port),
    WALLEYE_HOST: host,
    WALLEYE_DISCOVERY_INTERFACES: process.env.WALLEYE_DISCOVERY_INTERFACES ?? 'lo',
    WALLEYE_LOG_LEVEL: process.env.WALLEYE_LOG_LEVEL ?? 'warn',
  });
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  // As long as it takes to look for ffmpeg and hardware; its death ends the wait through the signal.
  while (!(await answers(url, signal))) await sleep(100, undefined, { signal });
  return url;
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await fetch(`${url}/api/health`, { signal })).ok;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/**
 * In a session of its own: the terminal's Ctrl-C reaches only us, and we end the daemon once and in order (twice would
 * make it leave without TEARDOWN).
 */
function start(name: string, command: string, args: string[], env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(command, args, {
    cwd: root,
    detached: true,
    stdio: ['pipe', name === 'walleye' ? 'inherit' : 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  children.set(name, child);
  const ended = (how: string) => {
    children.delete(name);
    if (!stop.signal.aborted) failure = `${name} ended by itself (${how}), so everything does`;
    stop.abort();
  };
  child.on('error', (error) => ended(error.message));
  child.on('exit', (code, signal) => ended(signal ?? `exit status ${code}`));
  return child;
}

async function end(name: string): Promise<void> {
  const child = children.get(name);
  if (!child) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT);
  await gone;
  clearTimeout(patience);
}

async function seed(url: string, demo: DemoCameras, signal: AbortSignal): Promise<void> {
  // As `walleye` does on the box itself: no password is needed, wherever the daemon listens.
  const token = readFileSync(join(stateDir, 'tokens', 'cli'), 'utf8').trim();
  const send = async <T>(method: string, path: string, body: unknown): Promise<T> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const answer = await fetch(url + path, { method, headers, body: JSON.stringify(body), signal });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  // As an installer would: each camera is asked for its profiles over ONVIF.
  const added = demo.cameras.map(({ id, name, username, password, onvif }) =>
    send<Camera>('POST', '/api/cameras', {
      id,
      name,
      username,
      password,
      address: onvif,
    } satisfies CameraAdd),
  );
  const cameras = await Promise.all(added);
  const ids = cameras.map((camera) => camera.id);
  await send('PUT', '/api/layouts/demo', grid(ids));
  // One that can be moved is worth the large tile.
  const moved = cameras.find((camera) => camera.ptz)?.id ?? ids[0]!;
  await send(
    'PUT',
    '/api/layouts/focus',
    focus(
      moved,
      ids.filter((id) => id !== moved),
    ),
  );
  const sequence = [
    { layout: 'demo', dwell_seconds: 30 },
    { layout: 'focus', dwell_seconds: 20 },
  ];
  await send('PUT', '/api/wall', { sequence } satisfies Wall);
  const settings: SettingsPatch = { name: 'Walleye demo', setup_done: true };
  await send('PATCH', '/api/settings', settings);
}

/** Nine: 3×3. */
function grid(ids: readonly string[]): LayoutBody {
  const side = Math.ceil(Math.sqrt(ids.length));
  const size = 1 / side;
  return {
    tiles: ids.map((id, n) => ({
      x: (n % side) * size,
      y: Math.floor(n / side) * size,
      width: size,
      height: size,
      cameras: [id],
    })),
  };
}

/** One large tile and five around it; in the last one those take turns that have no tile of their own. */
function focus(large: string, others: readonly string[]): LayoutBody {
  const third = 1 / 3;
  const small = (column: number, row: number, cameras: readonly string[]): Tile => ({
    ...{ x: column * third, y: row * third, width: third, height: third, dwell_seconds: 5 },
    cameras: [...cameras],
  });
  const tiles = [
    small(2, 0, others.slice(0, 1)),
    small(2, 1, others.slice(1, 2)),
    small(0, 2, others.slice(2, 3)),
    small(1, 2, others.slice(3, 4)),
    small(2, 2, others.slice(4)),
  ];
  return { tiles: [{ x: 0, y: 0, width: 2 * third, height: 2 * third, cameras: [large] }, ...tiles] };
}

function print(url: string, { cameras, control }: DemoCameras): void {
  const wide = Math.max(...cameras.map((camera) => camera.name.length));
  process.stdout.write(`
  wall      ${url}/
  admin     ${url}/admin${firstRun ? '   ← begin here: the first run finds the cameras' : ''}
  API       ${url}/api/docs
  faults    ${control}/  (test/virtual-camera: cut a camera off, and more)
  state     ${stateDir}  (gone at the end)

${cameras.map((camera) => `  ${camera.name.padEnd(wide)}  ${camera.rtsp.main}  ONVIF ${camera.onvif}${login(camera)}`).join('\n')}

  Ctrl-C ends everything.

`);
}

function login({ auth, username, password }: DemoCameras['cameras'][number]): string {
  return auth === 'none' ? '' : `  user ${username}, password ${password}`;
}

function say(message: string): void {
  process.stderr.write(`demo: ${message}\n`);
}
