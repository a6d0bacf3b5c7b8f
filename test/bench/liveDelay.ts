/** How late the camera's own video is at a viewer, and how soon a tile that was opened shows something. */
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from './figures.ts';
import { type LiveArrival, LiveViewer } from './liveViewer.ts';
import { type MeasureContext, owned } from './measure.ts';
import { delayInBrowser } from './paintedDelay.ts';
import { paintedNine } from './paintedNine.ts';
import { SentTimes } from './sentTimes.ts';
import { addCameras, type Cameras, type Daemon, startCameras, startDaemon, waitUntilLive } from './setUp.ts';
import { stampsIn } from './stampsIn.ts';

/** Seconds between key pictures of the camera that is joined. */
const LONG_GOP = 4;
const JOINS = 20;
/** Milliseconds for a stream to settle. */
const SETTLE = 3_000;
const LIMIT = 30_000;
const SIZES = { sub: { width: 640, height: 360 }, main: { width: 1280, height: 720 } };

export async function liveDelay(context: MeasureContext): Promise<void> {
  const { options, step } = context;
  const seconds = options.seconds ?? (options.quick ? 5 : 10);
  const joins = options.joins ?? (options.quick ? 7 : JOINS);
  const cameras = await owned(context, startCameras(1, 1, { same: true }));
  const longGop = await owned(context, startCameras(1, LONG_GOP, { same: true }));
  const daemon = await owned(context, startDaemon());
  await addCameras(daemon, cameras, true);
  const long = { ...longGop, cameras: longGop.cameras.map((camera) => ({ ...camera, id: 'long' })) };
  await addCameras(daemon, long, true);
  await waitUntilLive(daemon, ['cam1_sub', 'cam1_main', 'long_sub', 'long_main'], LONG_GOP + 2);

  for (const profile of ['sub', 'main'] as const) {
    step(`delay, ${profile}`);
    await delayOf(context, daemon, cameras, profile, seconds);
  }
  for (const profile of ['sub', 'main'] as const) {
    step(`${joins} joins, ${LONG_GOP} s between key pictures, ${profile}`);
    await joinsOf(context, daemon, `long_${profile}`, joins);
  }
  if (!options.browser) return;
  await delayInBrowser(context, { daemon, cameras, seconds, joins, longGop: LONG_GOP });
  await paintedNine(context, seconds);
}

/** Opens a tile of a stream on a connection of its own. */
async function openTile(daemon: Daemon, stream: string, arrived: (arrival: LiveArrival) => void) {
  const viewer = new LiveViewer(daemon.url, arrived);
  await viewer.opened();
  const askedAt = performance.timeOrigin + performance.now();
  viewer.say({ type: 'open', tile: 1, stream, formats: ['mp4'] });
  return { viewer, askedAt };
}

async function delayOf(
  { figures }: MeasureContext,
  daemon: Daemon,
  cameras: Cameras,
  profile: 'main' | 'sub',
  seconds: number,
): Promise<void> {
  const sent = new SentTimes(cameras, 'cam1', profile);
  const arrivals: LiveArrival[] = [];
  const { viewer } = await openTile(daemon, `cam1_${profile}`, (arrival) => arrivals.push(arrival));
  await sleep(SETTLE);
  sent.start();
  const from = performance.timeOrigin + performance.now();
  await sleep(seconds * 1000);
  const to = performance.timeOrigin + performance.now();
  viewer.close();
  sent.stop();
  await sent.read();
  // The first of them are of the past; the segment that describes them stands in front of all.
  const pictures = arrivals.filter(({ kind }) => kind === 'mp4');
  const init = arrivals.find(({ kind }) => kind === 'init');
  if (!init) throw new Error('no picture came');
  const segment = init.payload.subarray(5 + (init.payload[4] ?? 0));
  const mp4 = Buffer.concat([segment, ...pictures.map(({ payload }) => payload)]);
  const stamps = await stampsIn(mp4, SIZES[profile]);
  if (stamps.length !== pictures.length)
    throw new Error(`${pictures.length} pictures came, and ${stamps.length} could be decoded`);
  const counted = [...pictures.entries()].filter(([, { at, past }]) => !past && at >= from && at < to);
  const ways = { box: [] as number[], camera: [] as number[] };
  for (const [i, { at, time }] of counted) {
    const stamp = stamps[i];
    const delay = stamp === undefined ? undefined : sent.delay(stamp, at);
    ways.box.push(at - time);
    if (delay !== undefined) ways.camera.push(delay);
  }
  if (ways.camera.length < counted.length * 0.95 || counted.length === 0)
    throw new Error(`only ${ways.camera.length} of ${counted.length} frame stamps could be read`);
  for (const [from, values] of Object.entries(ways))
    for (const percent of [50, 95])
      figures.add(
        `pass-through, delay ${from} → viewer, ${profile}, p${percent}`,
        percentile(values, percent),
        'ms',
      );
}

/** From the opening of the tile to the first picture that is marked as current, at random moments. */
async function joinsOf(
  { figures }: MeasureContext,
  daemon: Daemon,
  stream: string,
  joins: number,
): Promise<void> {
  const times: number[] = [];
  const behind: number[] = [];
  for (let join = 0; join < joins; join++) {
    await sleep(Math.random() * LONG_GOP * 1000);
    const first = Promise.withResolvers<LiveArrival>();
    const timer = setTimeout(() => first.reject(new Error(`no picture of ${stream}`)), LIMIT);
    const { viewer, askedAt } = await openTile(daemon, stream, (arrival) => {
      if (arrival.kind === 'mp4' && !arrival.past) first.resolve(arrival);
    });
    const { at, time } = await first.promise;
    clearTimeout(timer);
    viewer.close();
    times.push(at - askedAt);
    behind.push(at - time);
  }
  for (const percent of [50, 95])
    figures.add(`pass-through, first picture, ${stream}, p${percent}`, percentile(times, percent), 'ms');
  figures.add(`pass-through, age of that picture, ${stream}, p95`, percentile(behind, 95), 'ms');
}
