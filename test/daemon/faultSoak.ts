/**
 * Sixteen cameras with which something goes wrong every few seconds, for as long as one likes: whether all are live at the end, and
 * whether the daemon has kept anything of it. By hand: node test/daemon/faultSoak.ts [MINUTES, default 60]
 */
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamList } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { type Fault, MALFORMATIONS } from '../virtual-camera/fault.ts';
import { startVirtualCameras, type VirtualCamera } from '../virtual-camera/index.ts';
import { MjpegViewer } from './mjpegViewer.ts';
import { descendants } from './processes.ts';

const CAMERAS = 16;
const MINUTE = 60_000;
/** Something goes wrong so often, with any of them, and lasts so long (ms). */
const EVERY = [1_000, 5_000] as const;
const LASTS = [500, 12_000] as const;
/** The longest that a camera is left alone after it refused a login that had worked. */
const PATIENCE = 8 * MINUTE;
/** The share by which memory may have grown since the tenth minute. */
const MOST_GROWTH = 0.1;
const WARM_AFTER = 10;

const between = ([from, to]: readonly [number, number]) => from + Math.random() * (to - from);
const oneOf = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;

/** What may happen; some more often than others, as in life. */
const HAPPENINGS: readonly (() => Fault)[] = [
  () => ({ close: true }),
  () => ({ close: true }),
  () => ({ stopSending: true }),
  () => ({ refuse: true }),
  () => ({ reboot: between([1, 10]) }),
  () => ({ delay: between([200, 15_000]) }),
  () => ({ malformed: [oneOf(MALFORMATIONS)] }),
  () => ({ malformed: [oneOf(MALFORMATIONS), oneOf(MALFORMATIONS)] }),
  () => ({ newSsrc: true }),
  () => ({ expireNonces: true }),
  () => ({ udpLoss: between([0.01, 0.3]), udpReorder: 0.1, udpJitter: 30 }),
  () => ({ udp: oneOf(['refused', 'answered-tcp'] as const) }),
  () => ({ tcp: 'refused' }),
  () => ({
    answers: { [oneOf(['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY'])]: oneOf([400, 404, 453, 500, 503]) },
  }),
  () => ({ unauthorized: true }),
  () => ({ repeat: true }),
  () => ({ resolution: { profile: 'sub', width: 480, height: 270 } }),
];

/** As in walleye.service: without the two glibc keeps what it had at the worst moment. */
const AS_ON_THE_BOX = {
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_ARENA_MAX: '2',
};

/** What the daemon holds, and what its children are. */
interface Holdings {
  /** Resident bytes. */
  rss: number;
  sockets: number;
  files: number;
  children: number;
  /** By Node's own count, by kind. */
  resources: Record<string, number>;
  /** What of it is JavaScript's, in use and in all, and what buffers have; bytes. */
  memory: NodeJS.MemoryUsage;
}

/** Node tells what it waits for, when it is asked by a signal. */
const TELLER = `
import { writeFileSync } from 'node:fs';
process.on('SIGUSR2', () => {
  const kinds = {};
  for (const kind of process.getActiveResourcesInfo()) kinds[kind] = (kinds[kind] ?? 0) + 1;
  writeFileSync(process.env.WALLEYE_SOAK_FILE, JSON.stringify({ resources: kinds, memory: process.memoryUsage() }));
});
`;

async function holdings({ pid }: Daemon, file: string): Promise<Holdings> {
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  await sleep(1_000);
  const links = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return []; // closed since
    }
  });
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return {
    rss: Number(kilobytes) * 1024,
    sockets: links.filter((link) => link.startsWith('socket:')).length,
    files: links.length,
    children: descendants(pid).length,
    ...(JSON.parse(readFileSync(file, 'utf8')) as Pick<Holdings, 'resources' | 'memory'>),
  };
}

const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
const told = ({ rss, sockets, files, children, resources, memory }: Holdings) =>
  `RSS ${mebibytes(rss)} MiB (heap ${mebibytes(memory.heapUsed)} of ${mebibytes(memory.heapTotal)}, buffers ${mebibytes(memory.arrayBuffers)}), ${sockets} sockets, ${files} descriptors, ${children} children, ${JSON.stringify(resources)}`;

async function states(daemon: Daemon): Promise<string[]> {
  const { streams } = await daemon.api<StreamList>('GET', '/api/streams');
  return streams.map(({ state }) => state);
}

async function allLive(daemon: Daemon, limit: number): Promise<number> {
  const began = performance.now();
  for (;;) {
    const now = await states(daemon);
    if (now.length === CAMERAS && now.every((state) => state === 'live')) return performance.now() - began;
    if (performance.now() - began > limit) throw new Error(`not all are live: ${now.join(', ')}`);
    await sleep(1_000);
  }
}

/** Breaks one camera after the other until the time is over. Each is mended by itself. */
async function trouble(cameras: readonly VirtualCamera[], until: number): Promise<number> {
  const mending = new Set<Promise<void>>();
  let count = 0;
  while (performance.now() < until) {
    const camera = oneOf(cameras);
    await camera.fault(oneOf(HAPPENINGS)());
    count++;
    const mended = sleep(between(LASTS))
      .then(() => camera.clearFaults())
      .finally(() => mending.delete(mended));
    mending.add(mended);
    await sleep(between(EVERY));
  }
  await Promise.all(mending);
  for (const camera of cameras) await camera.clearFaults();
  return count;
}

async function soak(minutes: number): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'walleye-soak-'));
  const file = join(folder, 'resources.json');
  const teller = join(folder, 'teller.mjs');
  writeFileSync(teller, TELLER);
  const { cameras, close } = await startVirtualCameras({
    cameras: Array.from({ length: CAMERAS }, (_, i) => ({
      ...{ name: `Camera ${i + 1}`, port: 0, fps: 10, seconds: 4, subSize: { width: 320, height: 180 } },
      auth: oneOf(['none', 'basic', 'digest'] as const),
    })),
  });
  const daemon = await startDaemon({
    env: {
      ...AS_ON_THE_BOX,
      NODE_OPTIONS: `--import=${teller}`,
      WALLEYE_SOAK_FILE: file,
    },
  });
  const viewers: MjpegViewer[] = [];
  try {
    for (const [i, camera] of cameras.entries()) {
      const { id: name, username, password } = camera;
      const transport = oneOf(['auto', 'tcp', 'udp'] as const);
      const login = camera.auth === 'none' ? {} : { username, password };
      const stream = { name, rtsp_url: camera.rtspUrl('sub'), transport, keep_warm: true, ...login };
      await daemon.api('POST', '/api/streams', stream);
      // A quarter of them is looked at.
      if (i % 4 === 0) viewers.push(await MjpegViewer.open(`${daemon.url}/api/streams/${name}/mjpeg`));
    }
    await allLive(daemon, MINUTE);
    await sleep(5_000);
    const first = await holdings(daemon, file);
    console.log(`before: ${told(first)}`);
    const began = performance.now();
    const end = began + minutes * MINUTE;
    const troubles = trouble(cameras, end);
    let warm: Holdings | undefined;
    for (let minute = 1; performance.now() < end; minute++) {
      await sleep(Math.min(MINUTE, end - performance.now()));
      const now = await holdings(daemon, file);
      if (minute >= WARM_AFTER) warm ??= now;
      const live = (await states(daemon)).filter((state) => state === 'live').length;
      console.log(`${minute} min: ${live} live, ${told(now)}`);
    }
    const count = await troubles;
    const back = await allLive(daemon, PATIENCE);
    // What was torn down last lingers for a while: old sessions, decoders without viewers.
    await sleep(10_000);
    const last = await holdings(daemon, file);
    console.log(
      `after ${count} faults, all live again ${(back / 1000).toFixed(0)} s after the last: ${told(last)}`,
    );
    const growth = warm ? last.rss / warm.rss - 1 : 0;
    if (warm) console.log(`memory since the tenth minute: ${(growth * 100).toFixed(1)} %`);
    const more = (what: 'sockets' | 'files' | 'children') =>
      last[what] > first[what] ? [`${what}: ${first[what]} before, ${last[what]} after`] : [];
    const kinds = Object.entries(last.resources).flatMap(([kind, now]) =>
      now > (first.resources[kind] ?? 0)
        ? [`${kind}: ${first.resources[kind] ?? 0} before, ${now} after`]
        : [],
    );
    const grown = growth > MOST_GROWTH ? [`memory grew by ${(growth * 100).toFixed(1)} %`] : [];
    return [...more('sockets'), ...more('files'), ...more('children'), ...kinds, ...grown];
  } finally {
    for (const viewer of viewers) viewer.close();
    await daemon.stop();
    await close();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const minutes = Number(process.argv[2] ?? 60);
  if (!(minutes > 0)) throw new Error('MINUTES is a number above 0');
  const faults = await soak(minutes);
  for (const fault of faults) console.log(`✖ ${fault}`);
  console.log(faults.length === 0 ? '✔ nothing is left of it' : `${faults.length} things are left`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
