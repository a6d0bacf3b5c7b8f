import { type LoadInput, layoutLoad } from '../camera/load.ts';
import { Benchmark, Load, LoadQuestion } from '../schema.ts';
import { type App, described, failures } from './app.ts';
import { audit } from './audit.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';

/** How much this box decodes; `BoxBenchmark` is the one that the daemon measures with. */
export interface Benchmarks {
  readonly state: Benchmark;
  readonly speed: LoadInput['speed'];
  start(): boolean;
}

const PATH = '/api/system/benchmark';

export function loadRoutes(app: App, deps: ApiDeps): void {
  const { benchmark, cameras } = deps;

  app.get(
    PATH,
    {
      schema: {
        tags: ['system'],
        summary: 'How much this box decodes',
        description: 'Measured once, and again when ffmpeg or the decoder is another one.',
        response: { 200: described(Benchmark, 'The result, or how far the measuring is'), ...failures(503) },
      },
    },
    async () => benchmark?.state ?? NEVER,
  );

  app.post(
    PATH,
    {
      schema: {
        tags: ['system'],
        summary: 'Measure how much this box decodes',
        description: 'About five seconds, in which pictures may stutter. GET tells how far it is.',
        response: { 202: described(Benchmark, 'It has begun'), ...failures(409, 503) },
      },
    },
    async (request, reply) => {
      if (!benchmark)
        throw new ApiError(409, 'benchmark_unavailable', 'There is no decoder here to measure.');
      if (!benchmark.start()) {
        const message = 'It is being measured already. Wait for its end: GET /api/system/benchmark.';
        throw new ApiError(409, 'benchmark_running', message);
      }
      audit(deps, request, 'benchmark.start');
      return reply.code(202).send(benchmark.state);
    },
  );

  app.post(
    '/api/load',
    {
      // It only asks.
      config: { access: 'viewer' },
      schema: {
        tags: ['layouts'],
        summary: 'How much of this box a layout would take',
        description:
          'Of a budget: what was measured, less what the browser and the system need. Above 100 % all tiles run at ' +
          '`limited_fps`, and, where that does not suffice, are smaller too. `percent` is null until the box was measured (POST /api/system/benchmark).',
        body: LoadQuestion,
        response: { 200: described(Load, 'The load'), ...failures(400, 413, 415, 503) },
      },
    },
    async (request) => {
      const { layout, screen } = request.body;
      return layoutLoad({ layout, screen, camera: (id) => cameras.camera(id), speed: benchmark?.speed });
    },
  );
}

const NEVER: Benchmark = {
  state: 'never',
  progress: 0,
  time: null,
  decoder: null,
  cores: 0,
  decode_megapixels: null,
  encode_megapixels: null,
  message: null,
};
