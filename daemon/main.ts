/** The composition root: builds the parts, starts them in order, stops them in reverse. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { listenOnShards } from './api/loopbackShards.ts';
import { buildServer } from './api/server.ts';
import { CameraSet } from './camera/cameraSet.ts';
import { describeOnvif } from './camera/onvif.ts';
import type { DecodeTools } from './camera/rendition.ts';
import { decodeFacts } from './camera/views.ts';
import { findFfmpeg } from './decode/ffmpegChoice.ts';
import { probeDecoders } from './decode/hwaccel.ts';
import { probeSandbox } from './decode/sandbox.ts';
import { discover } from './discover/discover.ts';
import { Pacer } from './fanout/pacer.ts';
import { Viewers } from './fanout/viewers.ts';
import { openStore } from './store/store.ts';
import { type Config, ConfigError, readConfig } from './system/config.ts';
import { tuneHeap } from './system/heap.ts';
import { createLog } from './system/log.ts';
import { createNotify } from './system/notify.ts';
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
const log = createLog({ level: config.logLevel });
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(1); // asked twice: at once
    log.info({ signal }, 'stopping');
    stop.abort();
  });
}
try {
  await run(config, stop.signal);
  process.exit(0);
} catch (error) {
  log.fatal({ err: error }, error instanceof Error ? error.message : String(error));
  process.exit(1);
}

async function run(config: Config, signal: AbortSignal): Promise<void> {
  const notify = createNotify({ socket: config.notifySocket, log });
  const { store, recovered } = openStore(join(config.stateDir, 'walleye.sqlite'), log);
  const tools = await findTools(config);
  const cameras = new CameraSet({ store, tools, rtspTimeout: config.rtspTimeout, log });
  const viewers = new Viewers();
  const server = buildServer({
    log: log.child({ component: 'api' }),
    version,
    cameras,
    store,
    viewers,
    pacer: new Pacer(),
    facts: () => decodeFacts(tools, cameras.fallbacks),
    discover,
    ...(config.discoveryInterfaces ? { discoveryInterfaces: config.discoveryInterfaces } : {}),
    describeOnvif,
    pages: join(root, 'kiosk-ui', 'dist'),
  });

  const ended = new AbortController();
  const supervision = cameras.run(ended.signal);
  const url = await server.listen({ host: config.host, port: config.port }).catch(async (error: unknown) => {
    ended.abort();
    await supervision;
    throw new Error(listenFailure(error, config), { cause: error });
  });
  const closeShards = await listenOnShards(server.server, log);
  log.info({ url, version, pid: process.pid }, 'listening');

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
    process.exit(1);
  }, STOP_LIMIT).unref();
  clearInterval(report);
  const said = notify.stopping();
  ended.abort();
  closeShards();
  await Promise.all([supervision, watchdog, server.close(), said]);
  store.close();
  log.info('stopped');
}

/** Node's own words for a taken port name no way out. */
function listenFailure(error: unknown, { host, port }: Config): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const instead = 'Choose another one with WALLEYE_PORT or --port.';
  if (code === 'EADDRINUSE')
    return `Port ${port} of ${host} is taken by another program, perhaps by another Walleye. ${instead}`;
  if (code === 'EACCES') return `Port ${port} of ${host} needs rights that Walleye has not. ${instead}`;
  return `Nothing can listen on port ${port} of ${host}: ${message}`;
}

/** What the decoder children will be: the ffmpeg, its sandbox, and the hardware that passed the self-test. */
async function findTools(config: Config): Promise<DecodeTools> {
  const decodeLog: Logger = log.child({ component: 'decode' });
  const ffmpeg = await findFfmpeg(config.ffmpeg === undefined ? {} : { configured: config.ffmpeg });
  decodeLog.info({ path: ffmpeg.path, version: ffmpeg.version, source: ffmpeg.source }, 'ffmpeg chosen');
  if (ffmpeg.warning) decodeLog.warn(ffmpeg.warning);
  const sandbox = await probeSandbox({ program: ffmpeg.path });
  decodeLog.info({ kind: sandbox.kind, network: sandbox.network, files: sandbox.files }, 'sandbox chosen');
  if (sandbox.warning) decodeLog.warn(sandbox.warning);
  const decoder = await probeDecoders(ffmpeg, sandbox, decodeLog);
  return { ffmpeg, sandbox, decoder };
}
