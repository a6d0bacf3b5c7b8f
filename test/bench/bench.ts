/**
 * `./scripts/bench`: what Walleye costs and how late it is, each beside another way of doing the same and from one run on this
 * machine, so that ratios hold although absolute figures vary from machine to machine and hour to hour.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './child.ts';
import { Figures } from './figures.ts';
import { ingest } from './ingest.ts';
import { liveDelay } from './liveDelay.ts';
import type { MeasureContext, MeasureOptions } from './measure.ts';
import { passthrough } from './passthrough.ts';
import { record } from './record.ts';
import { tile } from './tile.ts';
import { watching } from './watching.ts';

const MEASURES: Record<string, (context: MeasureContext) => Promise<void>> = {
  tile,
  watching,
  passthrough,
  delay: liveDelay,
  record,
  ingest,
};

const HELP = `Usage: ./scripts/bench [--measure NAME,…] [options]
  --measure NAMES  which, separated by commas, or all (default tile):
    tile             a tile of the wall against a bare ffmpeg: CPU, delay, first picture, viewers
    watching         M-JPEG and our WebSocket against a server that encodes for each viewer and sends base64
    passthrough      100 viewers of the cameras' own video from one core, then 20 of them read nothing
    delay            of the cameras' own video, and how soon a tile that was opened shows something
    record           24 recordings against as many ffmpegs that copy; every picture is looked for afterwards
    ingest           16 large streams that nobody looks at against as many ffmpegs that do nothing with them
  --seconds N      of one count (defaults: tile, watching, delay 10, passthrough 30, ingest 60, record 90)
  --passes N       rounds, of which medians are taken (defaults: tile, ingest 3, watching 2, record 1)
  --viewers N,…    watching (1,4,16), passthrough (100)
  --cameras N      passthrough (4), ingest (16), record (24)
  --joins N        delay (20)
  --stream NAME    record: main or sub (main)
  --kills N        record: so many times the daemon is killed by -9 while it records (0)
  --disk           record: onto a disk of its own that is taken away and put back; as root
  --no-browser     nothing that needs Chromium
  --quick          shorter, noisier
  --json FILE      where the figures go (default .cache/bench/latest.json)
  --compare FILE   figures of another run, shown beside`;

const { values } = parseArgs({
  options: {
    measure: { type: 'string', default: 'tile' },
    seconds: { type: 'string' },
    passes: { type: 'string' },
    viewers: { type: 'string' },
    cameras: { type: 'string' },
    joins: { type: 'string' },
    stream: { type: 'string' },
    kills: { type: 'string' },
    disk: { type: 'boolean', default: false },
    'no-browser': { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    json: { type: 'string', default: join(root, '.cache/bench/latest.json') },
    compare: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const names = values.measure === 'all' ? Object.keys(MEASURES) : values.measure.split(',');
const options = readOptions();
const figures = new Figures();
const chosen = names.map((name) => {
  const measure = MEASURES[name];
  return measure ? { name, measure } : usage(`no measure ${name}: ${Object.keys(MEASURES).join(', ')}`);
});
for (const { name, measure } of chosen) {
  const cleanup = new AsyncDisposableStack();
  const giveUp = () => void cleanup.disposeAsync().finally(() => process.exit(1));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, giveUp);
  const step = (text: string) => process.stderr.write(`bench: ${name}: ${text}\n`);
  try {
    await measure({ figures, options, step, cleanup });
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, giveUp);
    await cleanup.disposeAsync();
  }
}
figures.report(values.json, values.compare);

function readOptions(): MeasureOptions {
  const { stream } = values;
  if (stream !== undefined && stream !== 'main' && stream !== 'sub') usage('--stream is main or sub');
  return {
    quick: values.quick,
    seconds: positive('seconds'),
    passes: positive('passes'),
    viewers: values.viewers?.split(',').map((text) => positive('viewers', text) ?? 0),
    cameras: positive('cameras'),
    joins: positive('joins'),
    stream,
    kills: positive('kills') ?? 0,
    disk: values.disk,
    browser: !values['no-browser'],
  };
}

function positive(
  name: 'seconds' | 'passes' | 'viewers' | 'cameras' | 'joins' | 'kills',
  text = values[name],
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0) || (name !== 'seconds' && !Number.isInteger(value))) usage(`--${name} is a number from 1`);
  return value;
}

function usage(problem: string): never {
  console.error(`bench: ${problem}. --help tells the options.`);
  process.exit(2);
}
