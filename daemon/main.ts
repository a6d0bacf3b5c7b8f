/**
 * The composition root: builds the parts, starts them in order, stops them in reverse. Here is what leads from cameras to recordings, which
 * begin as soon as they can; serving.ts has the rest.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Alarms } from './camera/alarms.ts';
import { CameraSet } from './camera/cameraSet.ts';
import { Degradation } from './camera/degradation.ts';
import { Handovers } from './camera/handovers.ts';
import { KeyPictures } from './camera/keyPictures.ts';
import { LastPictures } from './camera/lastPictures.ts';
import { LoadControl } from './camera/loadControl.ts';
import { RecordingJobs } from './camera/recordingJobs.ts';
import { Recordings } from './camera/recordings.ts';
import type { DecodeTools } from './camera/rendition.ts';
import { sandboxedRemuxer } from './camera/sandboxedRemuxer.ts';
import { ServiceRecords } from './camera/serviceRecord.ts';
import { ChosenDecoder } from './decode/chosenDecoder.ts';
import { makeDecoderGroup } from './decode/decoderGroup.ts';
import { findFfmpeg } from './decode/ffmpegChoice.ts';
import { probeSandbox } from './decode/sandbox.ts';
import { openStore } from './store/store.ts';
import { Appliance } from './system/appliance.ts';
import { type Config, ConfigError, readConfig } from './system/config.ts';
import { SystemdDescriptors } from './system/descriptorStore.ts';
import { carryOutReset } from './system/factoryReset.ts';
import { tuneHeap } from './system/heap.ts';
import { createLog } from './system/log.ts';
import { LogRing } from './system/logRing.ts';
import { createNotify } from './system/notify.ts';
import { Power } from './system/power.ts';

/** systemd's TimeoutStopSec is 5 s; by then every camera has had its TEARDOWN. */
const STOP_LIMIT = 4_500;

tuneHeap();
const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

const config = readConfig(process.env, process.argv.slice(2));
if (config instanceof ConfigError) {
  console.error(config.message);
  process.exit(2);
}
const ring = new LogRing();
const log = createLog({ level: config.logLevel, also: ring });
const stop = new AbortController();
const appliance = new Appliance({
  folder: config.updateDir,
  stateDir: config.stateDir,
  version,
  log: log.child({ component: 'system' }),
});
const power = new Power({
  stateDir: config.stateDir,
  supervised: config.supervised,
  canReplaceItself: process.execve !== undefined,
  stop: () => stop.abort(),
  machine: appliance,
  log: log.child({ component: 'system' }),
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(1); // asked twice: at once
    log.info({ signal }, 'stopping');
    stop.abort();
  });
}
try {
  await run(config, stop.signal);
  leave(0);
} catch (error) {
  log.fatal({ err: error }, error instanceof Error ? error.message : String(error));
  process.exit(1);
}

/** Ends the process. A restart that nobody else would carry out puts a new daemon in its place, under the same process id. */
function leave(code: number): void {
  if (power.replaces && process.execve) {
    const args = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
    process.execve(process.execPath, args, process.env);
  }
  process.exit(code);
}

async function run(config: Config, signal: AbortSignal): Promise<void> {
  const notify = createNotify({ socket: config.notifySocket, log });
  carryOutReset(config.stateDir, log);
  const keyFile = config.keyFile === undefined ? undefined : { file: config.keyFile };
  const { store, recovered } = openStore(join(config.stateDir, 'walleye.sqlite'), log, keyFile);
  const finding = findTools(config);
  finding.catch(() => {}); // waited for below
  const remuxer = sandboxedRemuxer(finding);
  remuxer.catch(() => {});
  let tools: DecodeTools | undefined;
  const pictures = new LastPictures({ folder: join(config.stateDir, 'pictures'), log });
  await pictures.open();
  /** What cameras record by themselves, on cards of their own. */
  const jobs = new RecordingJobs();
  const degradation = new Degradation(() => cameras.supervisors);
  const descriptors = new SystemdDescriptors(log.child({ component: 'notify' }));
  const handovers =
    config.handover &&
    new Handovers({ ...config.handover, store: descriptors, log: log.child({ component: 'ingest' }) });
  const cameras: CameraSet = new CameraSet({
    store,
    tools: () => {
      if (!tools) throw new Error('nobody can look before there is something to decode with');
      return { ...tools, step: () => load.step };
    },
    remuxer,
    rtspTimeout: config.rtspTimeout,
    handovers,
    known: (camera) => ({
      last_picture: pictures.time(camera),
      recording: jobs.is(camera) || recordings.is(camera),
    }),
    degraded: (stream) => degradation.of(stream) ?? null,
    log,
  });
  const recordings = new Recordings({
    store,
    cameras,
    folder: { own: join(config.stateDir, 'recordings'), indexes: join(config.stateDir, 'recording-indexes') },
    tools: finding,
    handovers,
    log: log.child({ component: 'record' }),
  });
  const alarms = new Alarms({ store, cameras, log: log.child({ component: 'alarms' }) });
  alarms.onEvent((event) => recordings.tell(event));
  const load = new LoadControl({
    decoders: () => cameras.supervisors.flatMap(({ renditions }) => renditions.map(({ decoder }) => decoder)),
    log: log.child({ component: 'decode' }),
  });
  const keyPictures = new KeyPictures({
    ...{ store, log: log.child({ component: 'camera' }) },
    streams: () => cameras.supervisors,
  });
  const records = new ServiceRecords({ store, cameras, log });

  const ended = new AbortController();
  const supervision = Promise.all([
    cameras.run(ended.signal),
    degradation.run(ended.signal),
    keyPictures.run(ended.signal),
    load.run(ended.signal),
    pictures.run(ended.signal, cameras),
    recordings.run(ended.signal),
    records.run(ended.signal),
  ]);
  const leaving = () => {
    setTimeout(() => {
      log.error('stopping took too long');
      leave(1);
    }, STOP_LIMIT).unref();
    descriptors.stop();
    ended.abort();
  };
  try {
    const [{ serve }, found] = await Promise.all([import('./serving.ts'), finding]);
    tools = found;
    const parts = {
      store,
      recovered,
      cameras,
      recordings,
      pictures,
      alarms,
      records,
      jobs,
      load,
      tools: found,
    };
    const running = { config, version, root, ...parts, appliance, power, notify, ring, log };
    await serve(running, signal, leaving);
  } finally {
    ended.abort();
    await supervision;
  }
  store.close();
  log.info('stopped');
}

/** What the decoder children will be: the ffmpeg, its sandbox, and the hardware that passed the self-test. */
async function findTools(config: Config): Promise<DecodeTools & { decoder: ChosenDecoder }> {
  const decodeLog: Logger = log.child({ component: 'decode' });
  const ffmpeg = await findFfmpeg(config.ffmpeg === undefined ? {} : { configured: config.ffmpeg });
  decodeLog.info({ path: ffmpeg.path, version: ffmpeg.version, source: ffmpeg.source }, 'ffmpeg chosen');
  if (ffmpeg.warning) decodeLog.warn(ffmpeg.warning);
  const group = await makeDecoderGroup({ memoryMax: config.decoderMemory });
  if (group.limits) decodeLog.info(group.limits, 'decoders have limits of their own');
  if (group.problem) decodeLog.warn(group.problem);
  const sandbox = await probeSandbox({ program: ffmpeg.path, group: group.procs });
  decodeLog.info({ kind: sandbox.kind, network: sandbox.network, files: sandbox.files }, 'sandbox chosen');
  if (sandbox.warning) decodeLog.warn(sandbox.warning);
  const decoder = await ChosenDecoder.find(ffmpeg, sandbox, decodeLog);
  return { ffmpeg, sandbox, decoder };
}
