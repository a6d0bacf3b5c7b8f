import os from 'node:os';
import { Health, System } from '../schema.ts';
import { type App, described, failures } from './app.ts';
import type { ApiDeps } from './deps.ts';

const tags = ['system'];

export function systemRoutes(app: App, deps: ApiDeps): void {
  app.get(
    '/api/health',
    {
      schema: {
        tags,
        summary: 'Is the daemon well?',
        description: 'Cameras that are merely off do not make it degraded. Always 200: read `status`.',
        response: { 200: described(Health, 'The daemon answers'), ...failures() },
      },
    },
    async () => health(deps),
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
  if (problems.length > 0) return { status: 'degraded', message: problems.join(' '), version };
  const streams = deps.cameras.streams();
  const live = streams.filter((stream) => stream.state === 'live').length;
  const message = `Walleye is running: ${streams.length} streams, ${live} of them live`;
  return { status: 'ok', message, version };
}

function system(deps: ApiDeps): System {
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
    model: os.cpus()[0]?.model ?? null,
    time: Date.now() / 1000,
    disk: null,
    recovered: null,
    screen: null,
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

function addresses(): System['addresses'] {
  return Object.entries(os.networkInterfaces()).flatMap(([name, infos]) =>
    (infos ?? []).filter((info) => !info.internal).map(({ address }) => ({ interface: name, address })),
  );
}
