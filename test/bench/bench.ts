/**
 * `./scripts/bench`: what a tile costs and how late it is, all from one run on this machine, so that ratios hold although
 * absolute figures vary from machine to machine and hour to hour.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { residentMegabytes } from './cpu.ts';
import { cpuPerTile, delay, firstPicture, viewersCost, warmUp } from './measures.ts';
import { startCameras, startDaemon } from './setUp.ts';

const root = join(import.meta.dirname, '../..');
const TILES = 4;
const GOP = 4;

const { values } = parseArgs({
  options: {
    json: { type: 'string', default: join(root, '.cache/bench/latest.json') },
    compare: { type: 'string' },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(`Usage: ./scripts/bench [--json FILE] [--compare FILE] [--quick]
  --json FILE      where the figures go (default .cache/bench/latest.json)
  --compare FILE   figures of another run, shown beside
  --quick          shorter, noisier`);
  process.exit(0);
}
const seconds = values.quick ? 5 : 10;
const rounds = values.quick ? 1 : 3;
const step = (text: string) => process.stderr.write(`bench: ${text}\n`);

interface Figure {
  name: string;
  value: number;
  unit: string;
  bound?: number;
}
const figures: Figure[] = [];
const add = (name: string, value: number, unit: string, bound?: number) =>
  figures.push({ name, value, unit, ...(bound === undefined ? {} : { bound }) });

const cameras = await startCameras(TILES, 1);
const longGop = await startCameras(1, GOP);
const daemon = await startDaemon();
const stopAll = () => Promise.all([daemon.stop(), cameras.stop(), longGop.stop()]);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stopAll().finally(() => process.exit(1)));
try {
  for (const { id, rtsp } of cameras.cameras)
    await daemon.post('/api/cameras', { id, name: id, streams: streamsOf(rtsp, false) });
  const long = longGop.cameras[0];
  if (!long) throw new Error('no camera');

  add('daemon RSS, nobody looks', residentMegabytes(daemon.pid), 'MB');
  for (const profile of ['sub', 'main'] as const) {
    step(`delay, ${profile}`);
    const late = await delay(daemon, cameras, profile, seconds * 0.8);
    add(`delay camera → JPEG, ${profile} → 640×360, p50`, late.p50, 'ms');
    add(`delay camera → JPEG, ${profile} → 640×360, p95`, late.p95, 'ms', 60);
  }
  step(`first picture of a new rendition, ${GOP} s GOP`);
  await daemon.post('/api/cameras', { id: 'long', name: 'long', streams: streamsOf(long.rtsp, true) });
  await waitUntilLive(`${daemon.url}/api/streams`, ['long_sub', 'long_main'], GOP + 2);
  for (const profile of ['sub', 'main'] as const) {
    const first = await firstPicture(daemon, `long_${profile}`, values.quick ? 7 : 21, GOP);
    add(`first picture of a new rendition, ${profile}, p50`, first.p50, 'ms', 250);
    add(`first picture of a new rendition, ${profile}, p95`, first.p95, 'ms');
  }
  await fetch(`${daemon.url}/api/cameras/long`, { method: 'DELETE' });
  step('viewers 2 … 50 of one rendition');
  const crowd = await viewersCost(daemon, `${cameras.cameras[0]?.id}_sub`, 50, seconds);
  add('each of viewers 2 … 50, 640×360@15', crowd.perViewer * 100, '% of a core', 1);
  add('daemon RSS, one viewer', crowd.residentOne, 'MB');
  add('daemon RSS, 50 viewers', crowd.residentAll, 'MB');
  step('warming up for the CPU figures');
  await warmUp(daemon, cameras, values.quick ? 20 : 60);
  for (const profile of ['sub', 'main'] as const) {
    step(`CPU per tile against bare ffmpeg, ${profile}: ${rounds} rounds of ${seconds} s each`);
    const cpu = await cpuPerTile(daemon, cameras, profile, rounds, seconds);
    add(`CPU per tile, ${profile} → 640×360@15, Walleye`, cpu.walleye * 100, '% of a core');
    add(`CPU per tile, ${profile} → 640×360@15, bare ffmpeg`, cpu.plain * 100, '% of a core');
    add(
      `CPU per tile, ${profile} → 640×360@15, bare ffmpeg with our options`,
      cpu.tuned * 100,
      '% of a core',
    );
    add(`CPU per tile, ${profile}, Walleye ÷ bare ffmpeg`, cpu.toPlain, '×', 1.15);
    add(`CPU per tile, ${profile}, Walleye ÷ bare ffmpeg with our options`, cpu.toTuned, '×', 1.15);
  }
} finally {
  await stopAll();
}
report();

function streamsOf(rtsp: { main: string; sub: string }, warm: boolean) {
  return (['main', 'sub'] as const).map((profile) => ({ profile, rtsp_url: rtsp[profile], keep_warm: warm }));
}

/** Until the streams play and their GOP cache has filled once. */
async function waitUntilLive(url: string, names: readonly string[], fill: number): Promise<void> {
  for (let waited = 0; waited < 30; waited++) {
    const { streams } = (await (await fetch(url)).json()) as { streams: { name: string; state: string }[] };
    if (names.every((name) => streams.some((stream) => stream.name === name && stream.state === 'live')))
      break;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  await new Promise((resolve) => setTimeout(resolve, fill * 1000));
}

function report(): void {
  const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string })
    .version;
  const result = { version, date: new Date().toISOString(), cores: availableParallelism(), figures };
  const other = values.compare
    ? (JSON.parse(readFileSync(values.compare, 'utf8')) as typeof result)
    : undefined;
  const table = new Table({
    head: ['', 'value', 'unit', 'bound', ...(other ? [`${other.version}`, 'ratio'] : [])],
    style: { head: [], border: [] },
  });
  for (const { name, value, unit, bound } of figures) {
    const before = other?.figures.find((figure) => figure.name === name)?.value;
    const compared = other ? [before?.toFixed(2) ?? '', before ? (value / before).toFixed(2) : ''] : [];
    const verdict = bound === undefined ? '' : `≤ ${bound} ${value <= bound ? '✓' : '✗'}`;
    table.push([name, value.toFixed(2), unit, verdict, ...compared]);
  }
  console.log(table.toString());
  mkdirSync(dirname(values.json), { recursive: true });
  writeFileSync(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
  console.log(`JSON: ${values.json}`);
}
