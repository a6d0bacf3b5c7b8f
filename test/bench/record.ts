/** Many recordings against as many ffmpegs that copy the same streams; afterwards every picture is looked for. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordingSettings, RecordingStatus } from '../../daemon/schema.ts';
import { until } from '../e2e/until.ts';
import { DescriptorKeeper } from '../system/descriptorKeeper.ts';
import { coresOf, residentMegabytes } from './cpu.ts';
import { median } from './figures.ts';
import { type MeasureContext, owned } from './measure.ts';
import { checkRecordings, filesOf } from './recording/check.ts';
import { startCopies } from './recording/copies.ts';
import { LoopDisk } from './recording/loopDisk.ts';
import { type ProbedVideo, probeSource } from './recording/probe.ts';
import { type Disturbance, reportCheck } from './recording/report.ts';
import { addCameras, type Cameras, type Daemon, freshFolder, startCameras, startDaemon } from './setUp.ts';

const CAMERAS = 24;
/** Seconds at most until V8 has compiled what a daemon that runs for months has compiled. */
const WARM_UP = 30;
/** Seconds at least before a disk is taken away: something is surely on it then. */
const SAVED = 12;
/** Milliseconds for a daemon to come back, for a disk to be written to again. */
const PATIENCE = 180_000;
/** Seconds that a disk is away at most. */
const AWAY = 20;
/** Bytes that stay free; by default a gigabyte does. */
const LEAST_FREE = 50_000_000;

interface Recording {
  cameras: Cameras;
  profile: 'main' | 'sub';
  stateDir: string;
  /** Of the recordings. */
  folder: string;
  keeper: DescriptorKeeper;
  daemon: Daemon;
  seconds: number;
  disturbances: Disturbance[];
}

export async function record(context: MeasureContext): Promise<void> {
  const { options, step } = context;
  const profile = options.stream ?? 'main';
  const base = freshFolder();
  context.cleanup.defer(() => rmSync(base, { recursive: true, force: true }));
  const disk = options.disk ? await owned(context, new LoopDisk(base)) : undefined;
  const cameras = await owned(context, startCameras(options.cameras ?? CAMERAS, 1, { same: true }));
  const source = await probeSource(cameras.cameras[0]!.rtsp[profile]);
  const stateDir = join(base, 'walleye');
  const folder = join(disk?.folder ?? base, 'recordings');
  // As systemd does: what a killed daemon leaves is there for the next one.
  const keeper = await owned(context, DescriptorKeeper.start());
  const daemon = await owned(context, startDaemon({ stateDir, keeper }));
  await addCameras(daemon, cameras);
  const recording: Recording = {
    ...{ cameras, profile, stateDir, folder, keeper, daemon, disturbances: [] },
    seconds: options.seconds ?? (options.quick ? 20 : 90),
  };
  await daemon.api('PUT', '/api/recordings/settings', settingsOf(recording, 'always'));
  step(`${cameras.cameras.length} recordings of the ${profile} streams`);
  await untilAllRecord(recording);

  await compareCpu(context, recording, base);
  for (let kill = 1; kill <= options.kills; kill++) {
    step(`kill -9, ${kill} of ${options.kills}`);
    await killAndRestart(context, recording);
  }
  if (disk) await takeDiskAway(context, recording, disk);
  await finish(context, recording, source);
}

function settingsOf({ cameras, profile, folder }: Recording, mode: 'always' | 'off'): RecordingSettings {
  const entries = cameras.cameras.map(({ id }) => [id, { mode, stream: profile }]);
  return { cameras: Object.fromEntries(entries), folder, min_free_bytes: LEAST_FREE };
}

function status({ daemon }: Recording): Promise<RecordingStatus> {
  return daemon.api<RecordingStatus>('GET', '/api/recordings/status');
}

/** Until something of each camera that is newer than `since` is in a file. @param since Unix seconds */
async function untilAllRecord(recording: Recording, since = 0): Promise<void> {
  await until(
    'all cameras to be recorded',
    async () => {
      const { cameras } = await status(recording);
      return cameras.length > 0 && cameras.every((one) => one.recording && (one.until ?? 0) > since);
    },
    PATIENCE,
  );
}

/** Both at the same time: the machine's ups and downs concern both. */
async function compareCpu(context: MeasureContext, recording: Recording, base: string): Promise<void> {
  const { figures, options, step } = context;
  const { cameras, profile, daemon, seconds } = recording;
  const passes = options.passes ?? 1;
  const count = cameras.cameras.length;
  const copies = await owned(
    context,
    startCopies(
      join(base, 'copies'),
      cameras.cameras.map(({ rtsp }) => rtsp[profile]),
    ),
  );
  step('warming up');
  await sleep(Math.min(WARM_UP, seconds) * 1000);
  const works: { own: number; copies: number }[] = [];
  for (let pass = 1; pass <= passes; pass++) {
    step(`CPU beside ${count} copying ffmpegs, ${pass} of ${passes}`);
    const [own = 0, ...theirs] = await coresOf([daemon.pid, ...copies.pids], () => sleep(seconds * 1000));
    works.push({ own, copies: theirs.reduce((sum, cores) => sum + cores, 0) });
  }
  copies.check();
  const each = (of: (work: (typeof works)[number]) => number) => (median(works.map(of)) / count) * 100;
  figures.add(
    `record ${count} × ${profile}: Walleye, each`,
    each(({ own }) => own),
    '% of a core',
  );
  figures.add(
    `record ${count} × ${profile}: ffmpeg -c copy, each`,
    each((work) => work.copies),
    '% of a core',
  );
  const ratio = median(works.map((work) => work.own / work.copies));
  figures.add(`record ${count} × ${profile}: CPU, Walleye ÷ ffmpeg -c copy`, ratio, '×');
  figures.add('record: daemon RSS', residentMegabytes(daemon.pid), 'MB');
  const resident = copies.pids.reduce((sum, pid) => sum + residentMegabytes(pid), 0);
  figures.add('record: RSS of the ffmpegs together', resident, 'MB');
  await copies.stop();
}

async function killAndRestart(context: MeasureContext, recording: Recording): Promise<void> {
  // Anywhere in a minute's file and between two synchronisations.
  await sleep((0.3 + 0.4 * Math.random()) * recording.seconds * 1000);
  const from = Date.now() / 1000;
  await recording.daemon.kill();
  recording.daemon = await owned(context, startDaemon(recording));
  const listening = Date.now() / 1000;
  await untilAllRecord(recording, from);
  const to = Date.now() / 1000;
  // What of a gap is the machine's, which starts a process slowly, and what the daemon's.
  context.figures.add('record, kill -9: the daemon listens again after', listening - from, 's');
  context.figures.add('record, kill -9: all are in a file again after', to - from, 's');
  recording.disturbances.push({ what: 'kill -9', from, to });
}

async function takeDiskAway(context: MeasureContext, recording: Recording, disk: LoopDisk): Promise<void> {
  const { figures, step } = context;
  await sleep(Math.max(0.3 * recording.seconds, SAVED) * 1000);
  step('the disk is taken away');
  const from = Date.now() / 1000;
  disk.yank();
  await sleep(Math.min(AWAY, recording.seconds) * 1000);
  const { problem } = await status(recording);
  figures.add('record, disk away: the daemon says so', problem ? 0 : 1, problem?.code ?? 'not said', 0);
  step('the disk is put back');
  disk.putBack();
  const back = Date.now() / 1000;
  const newest = () => {
    try {
      return [...filesOf(recording.folder).values()].map((files) => files.at(-1)?.startedAt ?? 0);
    } catch {
      return []; // the folder is not there yet
    }
  };
  const again = until(
    'new files of all cameras',
    () => {
      const times = newest();
      return times.length === recording.cameras.cameras.length && times.every((time) => time / 1000 > back);
    },
    PATIENCE,
  );
  const came = await again.then(
    () => Date.now() / 1000 - back,
    () => Number.NaN,
  );
  figures.add('record, disk put back: all record again after', came, 's');
  recording.disturbances.push({ what: 'disk away', from, to: Date.now() / 1000 });
}

async function finish(context: MeasureContext, recording: Recording, source: ProbedVideo): Promise<void> {
  const { figures, step } = context;
  const { cameras, profile, folder, daemon, seconds, disturbances } = recording;
  await sleep(0.2 * seconds * 1000);
  const { cameras: recorded } = await status(recording);
  figures.add(
    'record: pictures that the daemon says it left out',
    recorded.reduce((sum, { dropped }) => sum + dropped, 0),
    '',
    ...(disturbances.length > 0 ? [] : [0]),
  );
  await daemon.api('PUT', '/api/recordings/settings', settingsOf(recording, 'off'));
  figures.add('record: the daemon ended by itself', daemon.ended() === undefined ? 0 : 1, '', 0);
  step('looking for every picture');
  const answer = await fetch(`${cameras.control}/cameras/cam1/sentAt?profile=${profile}`);
  const { fps, frames } = (await answer.json()) as { fps: number; frames: number };
  reportCheck(context, await checkRecordings({ folder, source, fps, frames }), disturbances);
}
