/** What a tile of the wall costs against a bare ffmpeg, how late it is, what its viewers cost. */
import { residentMegabytes } from './cpu.ts';
import { type MeasureContext, owned } from './measure.ts';
import { cpuPerTile, delay, firstPicture, viewersCost, warmUp } from './measures.ts';
import { addCameras, startCameras, startDaemon, waitUntilLive } from './setUp.ts';

const TILES = 4;
/** Seconds. */
const GOP = 4;

export async function tile(context: MeasureContext): Promise<void> {
  const { figures, options, step } = context;
  const { quick } = options;
  const seconds = options.seconds ?? (quick ? 5 : 10);
  const rounds = options.passes ?? (quick ? 1 : 3);
  const cameras = await owned(context, startCameras(TILES, 1));
  const longGop = await owned(context, startCameras(1, GOP));
  const daemon = await owned(context, startDaemon());
  await addCameras(daemon, cameras);

  figures.add('daemon RSS, nobody looks', residentMegabytes(daemon.pid), 'MB');
  for (const profile of ['sub', 'main'] as const) {
    step(`delay, ${profile}`);
    const late = await delay(daemon, cameras, profile, seconds * 0.8);
    figures.add(`delay camera → JPEG, ${profile} → 640×360, p50`, late.p50, 'ms');
    figures.add(`delay camera → JPEG, ${profile} → 640×360, p95`, late.p95, 'ms', 60);
  }
  step(`first picture of a new rendition, ${GOP} s GOP`);
  const long = { ...longGop, cameras: longGop.cameras.map((camera) => ({ ...camera, id: 'long' })) };
  await addCameras(daemon, long, true);
  await waitUntilLive(daemon, ['long_sub', 'long_main'], GOP + 2);
  for (const profile of ['sub', 'main'] as const) {
    const first = await firstPicture(daemon, `long_${profile}`, quick ? 7 : 21, GOP);
    figures.add(`first picture of a new rendition, ${profile}, p50`, first.p50, 'ms', 250);
    figures.add(`first picture of a new rendition, ${profile}, p95`, first.p95, 'ms');
  }
  await daemon.api('DELETE', '/api/cameras/long');
  step('viewers 2 … 50 of one rendition');
  const crowd = await viewersCost(daemon, `${cameras.cameras[0]?.id}_sub`, 50, seconds);
  figures.add('each of viewers 2 … 50, 640×360@15', crowd.perViewer * 100, '% of a core', 1);
  figures.add('daemon RSS, one viewer', crowd.residentOne, 'MB');
  figures.add('daemon RSS, 50 viewers', crowd.residentAll, 'MB');
  step('warming up for the CPU figures');
  await warmUp(daemon, cameras, quick ? 20 : 60);
  for (const profile of ['sub', 'main'] as const) {
    step(`CPU per tile against bare ffmpeg, ${profile}: ${rounds} rounds of ${seconds} s each`);
    const cpu = await cpuPerTile(daemon, cameras, profile, rounds, seconds);
    const name = `CPU per tile, ${profile}`;
    figures.add(`${name} → 640×360@15, Walleye`, cpu.walleye * 100, '% of a core');
    figures.add(`${name} → 640×360@15, bare ffmpeg`, cpu.plain * 100, '% of a core');
    figures.add(`${name} → 640×360@15, bare ffmpeg with our options`, cpu.tuned * 100, '% of a core');
    figures.add(`${name}, Walleye ÷ bare ffmpeg`, cpu.toPlain, '×', 1.15);
    figures.add(`${name}, Walleye ÷ bare ffmpeg with our options`, cpu.toTuned, '×', 1.15);
  }
}
