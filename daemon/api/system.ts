import os from 'node:os';
import { Health, System } from '../schema.ts';
import { diskOf } from '../system/disk.ts';
import { type App, described, failures } from './app.ts';
import { audit } from './audit.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';
import { backupRoutes } from './system/backup.ts';
import { logRoutes } from './system/logs.ts';
import { powerRoutes } from './system/power.ts';
import { provisioningRoutes } from './system/provisioning.ts';
import { updateRoutes } from './system/update.ts';

const tags = ['system'];

export function systemRoutes(app: App, deps: ApiDeps): void {
  app.get(
    '/api/health',
    {
      // Monitors ask, and a page that waits for a restart: its session may be gone by then.
      config: { access: 'public' },
      schema: {
        tags,
        summary: 'Is the daemon well?',
        description: 'Cameras that are merely off do not make it degraded. Always 200: read `status`.',
        response: { 200: described(Health, 'The daemon answers'), ...failures() },
      },
    },
    async ({ caller }) => (caller.role === null ? discreet(health(deps)) : health(deps)),
  );

  app.get(
    '/api/system',
    {
      schema: {
        tags,
        summary: 'The machine, ffmpeg, the decoders that were tried, and totals',
        response: { 200: described(System, 'The system'), ...failures() },
      },
    },
    async () => system(deps),
  );

  app.post(
    '/api/system/self-test',
    {
      schema: {
        tags,
        summary: 'Test again which hardware decodes',
        description:
          'Every candidate decodes a clip of known pixels; the first that does it right decodes all pictures that are opened ' +
          'from now on. Seconds, at most five for each candidate.',
        response: { 200: described(System.properties.decode, 'What came out'), ...failures(409) },
      },
    },
    async (request) => {
      if (!deps.selfTest)
        throw new ApiError(409, 'self_test_unavailable', 'There is no decoder here to test.');
      const testing = deps.selfTest();
      if (!testing) {
        const message = 'The decoders are being tested already. Wait for the end of that test.';
        throw new ApiError(409, 'self_test_running', message);
      }
      await testing;
      const { decode } = deps.facts();
      audit(deps, request, 'system.self_test', null, decode.chosen);
      return decode;
    },
  );

  logRoutes(app, deps);
  powerRoutes(app, deps);
  updateRoutes(app, deps);
  provisioningRoutes(app, deps);
  backupRoutes(app, deps);
}

function health(deps: ApiDeps): Health {
  const { version } = deps;
  let problems: string[];
  try {
    deps.store.check();
    problems = deps.store.problems;
  } catch (error) {
    deps.log.error({ err: error }, 'the database does not answer');
    return { status: 'degraded', message: 'Walleye is running, but its database does not answer', version };
  }
  if (deps.recovered) {
    problems = [
      `The database was damaged and was set aside as ${deps.recovered}: restore a backup, or add the cameras again.`,
      ...problems,
    ];
  }
  if (problems.length > 0) return { status: 'degraded', message: problems.join(' '), version };
  const streams = deps.cameras.streams();
  const live = streams.filter((stream) => stream.state === 'live').length;
  const message = `Walleye is running: ${streams.length} streams, ${live} of them live`;
  return { status: 'ok', message, version };
}

/** What somebody may know who is not signed in. */
function discreet({ status }: Health): Health {
  const message =
    status === 'ok'
      ? 'Walleye is running'
      : 'Walleye is running, but something is wrong: sign in to see what.';
  return { status, message, version: null };
}

async function system(deps: ApiDeps): Promise<System> {
  const streams = deps.cameras.streams();
  let viewers = 0;
  let renditions = 0;
  for (const { name } of streams) {
    const stream = deps.cameras.stream(name);
    viewers += stream?.viewers ?? 0;
    renditions += stream?.renditions.length ?? 0;
  }
  return {
    version: deps.version,
    node: process.version,
    hostname: os.hostname(),
    addresses: addresses(),
    uptime: process.uptime(),
    cpus: os.cpus().length,
    model: processor(),
    time: Date.now() / 1000,
    disk: deps.stateDir === undefined ? null : await diskOf(deps.stateDir),
    recovered: deps.recovered ?? null,
    rtsp_port: deps.rtspPort?.() ?? null,
    screen: deps.screen?.() ?? null,
    screens: deps.heartbeat.screens(),
    load: os.loadavg(),
    memory: { rss: process.memoryUsage.rss(), total: os.totalmem(), free: os.freemem() },
    ...deps.facts(),
    streams: {
      total: streams.length,
      live: streams.filter((stream) => stream.state === 'live').length,
      viewers,
      renditions,
    },
  };
}

/** ARM kernels tell no name: Node says `unknown` then. */
function processor(): string | null {
  const model = os.cpus()[0]?.model.trim();
  return model && model !== 'unknown' ? model : null;
}

function addresses(): System['addresses'] {
  return Object.entries(os.networkInterfaces()).flatMap(([name, infos]) =>
    (infos ?? []).filter((info) => !info.internal).map(({ address }) => ({ interface: name, address })),
  );
}
