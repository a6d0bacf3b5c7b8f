/**
 * The composition root's second half: everything for those who look. It is loaded and built while cameras are recorded already, since
 * that takes longer than to connect to them, and what is not recorded is lost.
 */
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
import type { Alarms } from './camera/alarms.ts';
import { BoxBenchmark } from './camera/boxBenchmark.ts';
import { CameraReboots } from './camera/cameraReboots.ts';
import type { CameraSet } from './camera/cameraSet.ts';
import { judgeBy } from './camera/certificatePins.ts';
import { Commissioning } from './camera/commissioning.ts';
import { Exports } from './camera/exports.ts';
import { Footage } from './camera/footage.ts';
import type { LastPictures } from './camera/lastPictures.ts';
import type { LoadControl } from './camera/loadControl.ts';
import { describeOnvif } from './camera/onvif.ts';
import { OnvifEvents } from './camera/onvifEvents.ts';
import { OwnPictures } from './camera/ownPictures.ts';
import { Playback } from './camera/playback.ts';
import { PtzControl } from './camera/ptz.ts';
import { RecordedPictures } from './camera/recordedPictures.ts';
import { RecordedRanges } from './camera/recordedRange.ts';
import type { RecordingJobs } from './camera/recordingJobs.ts';
import type { Recordings } from './camera/recordings.ts';
import type { DecodeTools } from './camera/rendition.ts';
import { ScreenHeartbeat } from './camera/screenHeartbeat.ts';
import type { ServiceRecords } from './camera/serviceRecord.ts';
import { openMedia } from './camera/streamMedia.ts';
import { Talks } from './camera/talks.ts';
import { UnchangedWatch } from './camera/unchanged.ts';
import { decodeFacts } from './camera/views.ts';
import { WallReplays } from './camera/wallReplay.ts';
import type { ChosenDecoder } from './decode/chosenDecoder.ts';
import { discover } from './discover/discover.ts';
import { Pacer } from './fanout/pacer.ts';
import { Viewers } from './fanout/viewers.ts';
import { pluggedIn } from './ingest/v4l2/pluggedIn.ts';
import { RestreamServer } from './restream/restreamServer.ts';
import type { Store } from './store/store.ts';
import type { Appliance } from './system/appliance.ts';
import { Certificates } from './system/certificate.ts';
import type { Config } from './system/config.ts';
import type { LogRing } from './system/logRing.ts';
import { isLoopback } from './system/loopback.ts';
import type { Notify } from './system/notify.ts';
import type { Power } from './system/power.ts';
import { ProvisioningReport } from './system/provisioning.ts';
import { run as runWatchdog } from './system/watchdog.ts';

/** What runs already. */
export interface Running {
  config: Config;
  version: string;
  /** Where package.json and the pages lie. */
  root: string;
  store: Store;
  /** Name of a damaged database that was set aside; null: none was. */
  recovered: string | null;
  cameras: CameraSet;
  recordings: Recordings;
  pictures: LastPictures;
  alarms: Alarms;
  records: ServiceRecords;
  jobs: RecordingJobs;
  load: LoadControl;
  tools: DecodeTools & { decoder: ChosenDecoder };
  appliance: Appliance;
  power: Power;
  notify: Notify;
  ring: LogRing;
  log: Logger;
}

/** Serves until `signal`; `leaving` is called then, and what is served has ended when it resolves. @throws Error no port, in words */
export async function serve(running: Running, signal: AbortSignal, leaving: () => void): Promise<void> {
  const { config, version, store, recovered, cameras, recordings, pictures, alarms, records, tools } =
    running;
  const { jobs, appliance, power, notify, log } = running;
  const viewers = new Viewers();
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
    ...{ store, alarms, cameras, recordings: jobs, log: log.child({ component: 'alarms' }) },
    alsoWanted: (camera) => recordings.wantsEvents(camera),
  });
  const heartbeat = new ScreenHeartbeat();
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
  const certificates = await openCertificates(config, log.child({ component: 'system' }));
  const tls =
    certificates &&
    new SecureDoor(certificates, {
      required: config.https === 'required',
      log: log.child({ component: 'api' }),
    });
  const accounts = await openAccounts(config, store, log.child({ component: 'accounts' }));
  const provisioning = new ProvisioningReport(config.provisionReport);
  const restream = new RestreamServer({
    streams: {
      open: (stream, viewer) => openMedia(cameras.soundOf(stream), viewer),
      sound: (stream) => cameras.soundOf(stream).sound,
    },
    login: (authorization, address) => rtspLogin(accounts, authorization, address),
    log: log.child({ component: 'restream' }),
  });
  const judge = judgeBy(store.settings);
  const server = buildServer({
    log: log.child({ component: 'api' }),
    version,
    accounts,
    cameras,
    store,
    lastPictures: pictures,
    reboots: new CameraReboots(store),
    ownPictures: new OwnPictures({ store, judge }),
    alarms,
    heartbeat,
    records,
    note: (camera, what) => records.note(camera, what),
    ptz,
    talks: new Talks({ cameras, judge, log: log.child({ component: 'ingest' }) }),
    commissioning,
    recordings,
    playback: new Playback({ footage, alarms, timeZone }),
    recordedPictures: new RecordedPictures(tools, footage),
    recordedRanges: ranges,
    exports,
    replays,
    viewers,
    pacer: new Pacer(),
    facts: () => decodeFacts(tools, cameras.fallbacks, running.load.steppedDown),
    discover,
    ...(config.discoveryInterfaces ? { discoveryInterfaces: config.discoveryInterfaces } : {}),
    usbCameras: pluggedIn,
    describeOnvif,
    pages: join(running.root, 'kiosk-ui', 'dist'),
    allowedHosts: config.allowedHosts,
    tls,
    stateDir: config.stateDir,
    rtspPort: () => restream.port,
    recovered,
    logs: running.ring,
    power,
    updater: appliance,
    provisioning,
    benchmark,
    selfTest: () => tools.decoder.retest(),
  });

  const ended = new AbortController();
  const supervision = Promise.all([
    exports.run(ended.signal),
    benchmark.run(ended.signal),
    unchanged.run(ended.signal),
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
  await listenForRtsp(restream, config, log.child({ component: 'restream' }));
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
  clearInterval(report);
  const said = notify.stopping();
  const goodbye = restream.close();
  ended.abort();
  leaving();
  closeShards();
  tls?.close();
  await Promise.all([supervision, watchdog, server.close(), goodbye, said, renewal, listening]);
  replays.close();
}

/** The wall matters more: where the port is taken, it goes on without. */
async function listenForRtsp(
  restream: RestreamServer,
  { host, rtspPort }: Config,
  log: Logger,
): Promise<void> {
  if (rtspPort === undefined) return;
  try {
    await restream.listen({ host, port: rtspPort });
  } catch (error) {
    const why = listenFailure(error, host, rtspPort, 'RTSP_PORT');
    log.error({ err: error }, `streams are not offered over RTSP: ${why}`);
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
async function openCertificates(config: Config, log: Logger): Promise<Certificates | undefined> {
  if (config.https === 'off') {
    if (!isLoopback(config.host))
      log.warn('WALLEYE_HTTPS=off: passwords and pictures cross the network in the clear');
    return undefined;
  }
  const own = new OwnNames(config.allowedHosts);
  return Certificates.open({
    folder: join(config.stateDir, 'tls'),
    names: () => ['localhost', ...own.list()],
    log,
  });
}

/** Who may do what: on an address of the network everybody has to sign in from the first moment. */
async function openAccounts(
  { host, stateDir, adminPassword }: Config,
  store: Store,
  log: Logger,
): Promise<Accounts> {
  const tokens = ensureTokenFiles(stateDir);
  const accounts = new Accounts({ store: store.accounts, log, open: isLoopback(host), tokens });
  if (adminPassword !== undefined) {
    const done = await accounts.setAdminPassword(adminPassword);
    if (done !== 'unchanged') log.info({ user: FIRST_ADMIN, done }, 'WALLEYE_ADMIN_PASSWORD taken');
  }
  return accounts;
}
