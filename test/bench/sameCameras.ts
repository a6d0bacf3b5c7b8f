/**
 * As many virtual cameras as one likes that play one and the same clip: it is made once and lies in memory once, so that
 * twenty-four of them cost little more than their sockets.
 *
 *   node test/bench/sameCameras.ts --cameras 24 --gop 1 --with-parent
 *
 * --large: the main stream is as cameras are sold, 1920×1080 at 25 pictures a second and 4 Mbit/s.
 * --kbps: of the main stream, kept over half a second; without it as many as its pictures take.
 *
 * One JSON line on stdout says when all listen, as in test/virtual-camera/demo.ts.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { describeCamera, startControlServer } from '../virtual-camera/controlServer.ts';
import { startVirtualCameras } from '../virtual-camera/index.ts';

const { values } = parseArgs({
  options: {
    cameras: { type: 'string', default: '4' },
    gop: { type: 'string', default: '1' },
    large: { type: 'boolean', default: false },
    kbps: { type: 'string' },
    'with-parent': { type: 'boolean', default: false },
  },
});
const LARGE = { mainSize: { width: 1920, height: 1080 }, mainKbps: 4_000, fps: 25 };
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
if (values['with-parent']) process.stdin.on('close', () => stop.abort()).resume();

const running = await startVirtualCameras({
  cameras: Array.from({ length: Number(values.cameras) }, (_, i) => ({
    name: 'Bench',
    id: `cam${i + 1}`,
    scene: 'street',
    hue: 215,
    gop: Number(values.gop),
    ...(values.large ? LARGE : {}),
    ...(values.kbps === undefined ? {} : { mainKbps: Number(values.kbps) }),
  })),
  progress: (message) => process.stderr.write(`virtual cameras: ${message}\n`),
  signal: stop.signal,
});
const control = await startControlServer(running.cameras);
process.stdout.write(
  `${JSON.stringify({ cameras: running.cameras.map(describeCamera), control: control.url })}\n`,
);
if (!stop.signal.aborted) await once(stop.signal, 'abort');
await Promise.all([running.close(), control.close()]);
process.exit(0);
