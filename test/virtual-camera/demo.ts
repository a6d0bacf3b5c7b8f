/**
 * Virtual cameras as a process of their own, for `./scripts/start --demo`, the bench and the end-to-end tests.
 *
 *   node test/virtual-camera/demo.ts --cameras 9 --auth digest --with-parent
 *
 * Progress goes to stderr. When everything listens, one JSON line goes to stdout:
 *   {"cameras":[{"id","name","auth","username","password","fps","rtsp":{"main","sub"},"onvif"}],"control":"http://…"}
 * Ends at SIGTERM, SIGINT and, with --with-parent, when stdin closes (the parent holds the other end of the pipe).
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { AUTH_KINDS, type AuthKind } from './auth.ts';
import { describeCamera, startControlServer } from './controlServer.ts';
import { startVirtualCameras, type VirtualCameraSpec } from './index.ts';

const HELP = `Usage: node test/virtual-camera/demo.ts [options]
  --cameras N      how many (default 9)
  --names a,b      their names, instead of the usual ones
  --host ADDRESS   where to listen (default 127.0.0.1)
  --port N         RTSP port of all cameras (default 0: the kernel chooses)
  --own-ports      a port for each camera, so that a camera switched off refuses connections
  --control N      port of the control API on 127.0.0.1 (default 0: the kernel chooses)
  --auth KIND      ${AUTH_KINDS.join(', ')} (default none)
  --locked N       with --auth none: the last N cameras want digest (default 0)
  --username NAME, --password WORD   (default admin, camera)
  --gop SECONDS, --fps N, --seconds N   of the clips (default 1, 15, 20)
  --cache DIR      where clips are kept (default .cache/virtual-camera)
  --discovery a,b  interfaces (names or addresses) to answer WS-Discovery and SSDP on (default none)
  --with-parent    end when stdin closes
`;

const NINE: readonly Pick<VirtualCameraSpec, 'name' | 'scene' | 'hue' | 'ptz' | 'audio'>[] = [
  { name: 'Front door', scene: 'street', hue: 215, audio: true },
  { name: 'Loading dock', scene: 'street', hue: 20 },
  { name: 'Car park', scene: 'street', hue: 265, ptz: true },
  { name: 'Reception', scene: 'hall', hue: 35, audio: true },
  { name: 'Warehouse 1', scene: 'hall', hue: 190 },
  { name: 'Warehouse 2', scene: 'hall', hue: 120 },
  { name: 'Corridor', scene: 'hall', hue: 285 },
  { name: 'Roof', scene: 'street', hue: 330, ptz: true },
  { name: 'Back gate', scene: 'street', hue: 165 },
];

const { values } = parseArgs({
  options: {
    help: { type: 'boolean' },
    cameras: { type: 'string', default: '9' },
    names: { type: 'string' },
    host: { type: 'string' },
    port: { type: 'string', default: '0' },
    'own-ports': { type: 'boolean', default: false },
    control: { type: 'string', default: '0' },
    auth: { type: 'string', default: 'none' },
    locked: { type: 'string', default: '0' },
    username: { type: 'string' },
    password: { type: 'string' },
    gop: { type: 'string', default: '1' },
    fps: { type: 'string', default: '15' },
    seconds: { type: 'string', default: '20' },
    cache: { type: 'string' },
    discovery: { type: 'string' },
    'with-parent': { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
if (values['with-parent']) process.stdin.on('close', () => stop.abort()).resume();

const say = (message: string) => process.stderr.write(`virtual cameras: ${message}\n`);
try {
  const running = await startVirtualCameras({
    cameras: specs(),
    ...(values.host === undefined ? {} : { host: values.host }),
    ...(values.cache === undefined ? {} : { cacheDir: values.cache }),
    ...(values.discovery === undefined ? {} : { discovery: { interfaces: values.discovery.split(',') } }),
    port: count('port', 0),
    progress: say,
    signal: stop.signal,
  });
  const control = await startControlServer(running.cameras, { port: count('control', 0) });
  const ready = { cameras: running.cameras.map(describeCamera), control: control.url };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  if (!stop.signal.aborted) await once(stop.signal, 'abort');
  await Promise.all([running.close(), control.close()]);
  process.exit(0);
} catch (error) {
  if (stop.signal.aborted) process.exit(0);
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

function specs(): VirtualCameraSpec[] {
  const names = values.names?.split(',').map((name) => name.trim());
  const some: Partial<VirtualCameraSpec>[] =
    names?.map((name) => ({ name })) ??
    Array.from({ length: count('cameras', 1) }, (_, i) => {
      const known = NINE[i % NINE.length]!;
      const round = Math.floor(i / NINE.length);
      return round === 0
        ? known
        : { ...known, name: `${known.name} (${round + 1})`, hue: known.hue! + round * 17 };
    });
  const auth = AUTH_KINDS.find((kind): kind is AuthKind => kind === values.auth);
  if (!auth) throw new Error(`--auth is one of ${AUTH_KINDS.join(', ')}`);
  const open = some.length - count('locked', 0);
  return some.map((one, i) => ({
    name: '',
    ...one,
    auth: auth === 'none' && i >= open ? 'digest' : auth,
    ...(values.username === undefined ? {} : { username: values.username }),
    ...(values.password === undefined ? {} : { password: values.password }),
    ...(values['own-ports'] ? { port: 0 } : {}),
    gop: count('gop', 0.1),
    fps: count('fps', 1),
    seconds: count('seconds', 1),
  }));
}

function count(
  name: 'cameras' | 'locked' | 'port' | 'control' | 'gop' | 'fps' | 'seconds',
  least: number,
): number {
  const value = Number(values[name]);
  if (!(value >= least && value <= 65535)) throw new Error(`--${name} is a number from ${least}`);
  return value;
}
