/** The composition root: builds the parts, starts them in order, stops them in reverse. */
import { readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Accounts, FIRST_ADMIN } from './api/auth/accounts.ts';
import { rtspLogin } from './api/auth/rtspLogin.ts';
import { ensureTokenFiles } from './api/auth/tokenFiles.ts';
import { listenOnShards } from './api/loopbackShards.ts';
import { OwnNames } from './api/ownNames.ts';
import { buildServer } from './api/server.ts';
import { SecureDoor } from './api/tls.ts';
import { Alarms } from './camera/alarms.ts';
import { BoxBenchmark } from './camera/boxBenchmark.ts';
import { CameraSet } from './camera/cameraSet.ts';
import { judgeBy } from './camera/certificatePins.ts';
import { Commissioning } from './camera/commissioning.ts';
import { Exports } from './camera/exports.ts';
import { Footage } from './camera/footage.ts';
import { LastPictures } from './camera/lastPictures.ts';
import { describeOnvif } from './camera/onvif.ts';
import { OnvifEvents } from './camera/onvifEvents.ts';
import { Playback } from './camera/playback.ts';
import { PtzControl } from './camera/ptz.ts';
import { RecordedPictures } from './camera/recordedPictures.ts';
import { RecordedRanges } from './camera/recordedRange.ts';
import { RecordingJobs } from './camera/recordingJobs.ts';
import { Recordings } from './camera/recordings.ts';
import type { DecodeTools } from './camera/rendition.ts';
import { ScreenHeartbeat } from './camera/screenHeartbeat.ts';
import { ServiceRecords } from './camera/serviceRecord.ts';
import { openMedia } from './camera/streamMedia.ts';
import { Talks } from './camera/talks.ts';
import { UnchangedWatch } from './camera/unchanged.ts';
import { decodeFacts } from './camera/views.ts';
import { WallReplays } from './camera/wallReplay.ts';
import { ChosenDecoder } from './decode/chosenDecoder.ts';
import { makeDecoderGroup } from './decode/decoderGroup.ts';
import { findFfmpeg } from './decode/ffmpegChoice.ts';
import { probeSandbox } from './decode/sandbox.ts';
import { discover } from './discover/discover.ts';
import { Pacer } from './fanout/pacer.ts';
import { Viewers } from './fanout/viewers.ts';
import { RestreamServer } from './restream/restreamServer.ts';
import { openStore, type Store } from './store/store.ts';
import { Appliance } from './system/appliance.ts';
import { Certificates } from './system/certificate.ts';
import { type Config, ConfigError, readConfig } from './system/config.ts';
import { carryOutReset } from './system/factoryReset.ts';
import { tuneHeap } from './system/heap.ts';
import { createLog } from './system/log.ts';
import { LogRing } from './system/logRing.ts';
import { isLoopback } from './system/loopback.ts';
import { createNotify } from './system/notify.ts';
import { Power } from './system/power.ts';
import { ProvisioningReport } from './system/provisioning.ts';
import { run as runWatchdog } from './system/watchdog.ts';

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
  const { tools, decoder } = await findTools(config);
  const pictures = new LastPictures({ folder: join(config.stateDir, 'pictures'), log });
  await pictures.open();
  /** What cameras record by themselves, on cards of their own. */
  const jobs = new RecordingJobs();
  const cameras: CameraSet = new CameraSet({
    store,
    tools,
    rtspTimeout: config.rtspTimeout,
    known: (camera) => ({
      last_picture: pictures.time(camera),
      recording: jobs.is(camera) || recordings.is(camera),
    }),
    log,
  });
  const recordings = new Recordings({
    store,
    cameras,
    folder: { own: join(config.stateDir, 'recordings'), indexes: join(config.stateDir, 'recording-indexes') },
    tools,
    log: log.child({ component: 'record' }),
  });
  const viewers = new Viewers();
  const alarmLog = log.child({ component: 'alarms' });
  const alarms = new Alarms({ store, cameras, log: alarmLog });
  alarms.onEvent((event) => recordings.tell(event));
  const footage = new Footage({ recordings, cameras });
  const ranges = new RecordedRanges(footage);
  const exports = new Exports({
    ...{ footage, ranges, cameras, version },
    boxName: () => store.settings.settings().name,
    log: log.child({ component: 'record' }),
  });
  const replays = new WallReplays(join(config.stateDir, 'wall-journal.sqlite'), log);
  const timeZone = () => store.settings.settings().time_zone;
  const onvifEvents = new OnvifEvents({
    ...{ store, alarms, cameras, recordings: jobs, log: alarmLog },
    alsoWanted: (camera) => recordings.wantsEvents(camera),
  });
  const heartbeat = new ScreenHeartbeat();
  const records = new ServiceRecords({ store, cameras, log });
  const ptz = new PtzControl({ store, cameras, log: log.child({ component: 'camera' }) });
  const commissioning = new Commissioning({
    store,
    cameras,
    log: log.child({ component: 'camera' }),
    automatic: config.commissioning,
  });
  const unchanged = new UnchangedWatch({
    hubs: () =>
      cameras.supervisors.flatMap(({ source: { camera }, renditions }) =>
        renditions.map(({ hub }) => ({ camera, hub })),
      ),
    limit: () => store.settings.settings().unchanged_seconds,
    note: (camera) => records.note(camera, 'unchanged'),
    log,
  });
  const benchmark = new BoxBenchmark({
    tools,
    settings: store.settings,
    busy: () => cameras.renditions > 0,
    automatic: config.benchmark,
    log: log.child({ component: 'decode' }),
  });
  const certificates = await openCertificates(config);
  const tls =
    certificates &&
    new SecureDoor(certificates, {
      required: config.https === 'required',
      log: log.child({ component: 'api' }),
    });
  const accounts = await openAccounts(config, store);
  const provisioning = new ProvisioningReport(config.provisionReport);
  const restream = new RestreamServer({
    streams: {
      open: (stream, viewer) => openMedia(cameras.soundOf(stream), viewer),
      sound: (stream) => cameras.soundOf(stream).sound,
    },
    login: (authorization, address) => rtspLogin(accounts, authorization, address),
    log: log.child({ component: 'restream' }),
  });
  const server = buildServer({
    log: log.child({ component: 'api' }),
    version,
    accounts,
    cameras,
    store,
    lastPictures: pictures,
    alarms,
    heartbeat,
    records,
    note: (camera, what) => records.note(camera, what),
    ptz,
    talks: new Talks({ cameras, judge: judgeBy(store.settings), log: log.child({ component: 'ingest' }) }),
    commissioning,
    recordings,
    playback: new Playback({ footage, alarms, timeZone }),
    recordedPictures: new RecordedPictures(tools, footage),
    recordedRanges: ranges,
    exports,
    replays,
    viewers,
    pacer: new Pacer(),
    facts: () => decodeFacts(tools, cameras.fallbacks),
    discover,
    ...(config.discoveryInterfaces ? { discoveryInterfaces: config.discoveryInterfaces } : {}),
    describeOnvif,
    pages: join(root, 'kiosk-ui', 'dist'),
    allowedHosts: config.allowedHosts,
    tls,
    stateDir: config.stateDir,
    rtspPort: () => restream.port,
    recovered,
    logs: ring,
    power,
    updater: appliance,
    provisioning,
    benchmark,
    selfTest: () => decoder.retest(),
  });

  const ended = new AbortController();
  const supervision = Promise.all([
    cameras.run(ended.signal),
    pictures.run(ended.signal, cameras),
    recordings.run(ended.signal),
    exports.run(ended.signal),
    benchmark.run(ended.signal),
    unchanged.run(ended.signal),
    records.run(ended.signal),
    ptz.run(ended.signal),
    commissioning.run(ended.signal),
    appliance.run(ended.signal, () => cameras.announce({ type: 'changed', what: 'update' })),
    provisioning.run(ended.signal, () => cameras.announce({ type: 'changed', what: 'provisioning' })),
  ]);
  const { host, port, httpsPort } = config;
  const notListening = (port: number, setting: string) => async (error: unknown) => {
    ended.abort();
    await supervision;
    throw new Error(listenFailure(error, host, port, setting), { cause: error });
  };
  await server.ready();
  await tls?.listen(server.server, { host, port: httpsPort }).catch(notListening(httpsPort, 'HTTPS_PORT'));
  const url = await server.listen({ host, port }).catch(notListening(port, 'PORT'));
  const closeShards = await listenOnShards(server.server, log);
  await listenForRtsp(restream, config);
  const renewal = certificates?.run(ended.signal);
  log.info({ url, https: tls?.port ?? null, rtsp: restream.port, version, pid: process.pid }, 'listening');
  // Where NODE_COMPILE_CACHE is set. By itself Node writes it at the end of the process, which a plug that is pulled does not wait for.
  flushCompileCache();

  // Last: cameras are slow for a while after somebody subscribed to their events.
  const listening = onvifEvents.run(ended.signal);

  const status = () =>
    `${recovered ? `database was damaged, set aside as ${recovered} · ` : ''}${cameras.summary()}`;
  await notify.ready(status());
  const report = setInterval(() => notify.status(status()), 5_000);
  const watchdog = runWatchdog(ended.signal, {
    usec: config.watchdogUsec,
    checks: [
      { name: 'database', check: () => store.check() },
      { name: 'cameras', check: () => cameras.check() },
    ],
    notify,
    log: log.child({ component: 'watchdog' }),
  });

  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  setTimeout(() => {
    log.error('stopping took too long');
    leave(1);
  }, STOP_LIMIT).unref();
  clearInterval(report);
  const said = notify.stopping();
  const goodbye = restream.close();
  ended.abort();
  closeShards();
  tls?.close();
  await Promise.all([supervision, watchdog, server.close(), goodbye, said, renewal, listening]);
  replays.close();
  store.close();
  log.info('stopped');
}

/** The wall matters more: where the port is taken, it goes on without. */
async function listenForRtsp(restream: RestreamServer, { host, rtspPort }: Config): Promise<void> {
  if (rtspPort === undefined) return;
  try {
    await restream.listen({ host, port: rtspPort });
  } catch (error) {
    const why = listenFailure(error, host, rtspPort, 'RTSP_PORT');
    log.child({ component: 'restream' }).error({ err: error }, `streams are not offered over RTSP: ${why}`);
  }
}

/** Node's own words for a taken port name no way out. */
function listenFailure(error: unknown, host: string, port: number, setting: string): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const flag = setting.toLowerCase().replace('_', '-');
  const instead = `Choose another one with WALLEYE_${setting} or --${flag}.`;
  if (code === 'EADDRINUSE')
    return `Port ${port} of ${host} is taken by another program, perhaps by another Walleye. ${instead}`;
  if (code === 'EACCES') return `Port ${port} of ${host} needs rights that Walleye has not. ${instead}`;
  return `Nothing can listen on port ${port} of ${host}: ${message}`;
}

/** What HTTPS is served with; undefined: it is not. */
async function openCertificates(config: Config): Promise<Certificates | undefined> {
  const systemLog = log.child({ component: 'system' });
  if (config.https === 'off') {
    if (!isLoopback(config.host))
      systemLog.warn('WALLEYE_HTTPS=off: passwords and pictures cross the network in the clear');
    return undefined;
  }
  const own = new OwnNames(config.allowedHosts);
  return Certificates.open({
    folder: join(config.stateDir, 'tls'),
    names: () => ['localhost', ...own.list()],
    log: systemLog,
  });
}

/** Who may do what: on an address of the network everybody has to sign in from the first moment. */
async function openAccounts({ host, stateDir, adminPassword }: Config, store: Store): Promise<Accounts> {
  const accountsLog = log.child({ component: 'accounts' });
  const tokens = ensureTokenFiles(stateDir);
  const accounts = new Accounts({ store: store.accounts, log: accountsLog, open: isLoopback(host), tokens });
  if (adminPassword !== undefined) {
    const done = await accounts.setAdminPassword(adminPassword);
    if (done !== 'unchanged') accountsLog.info({ user: FIRST_ADMIN, done }, 'WALLEYE_ADMIN_PASSWORD taken');
  }
  return accounts;
}

/** What the decoder children will be: the ffmpeg, its sandbox, and the hardware that passed the self-test. */
async function findTools(config: Config): Promise<{ tools: DecodeTools; decoder: ChosenDecoder }> {
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
  return { tools: { ffmpeg, sandbox, decoder }, decoder };
}
