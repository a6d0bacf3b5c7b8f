import { readdir } from 'node:fs/promises';
import { Counter, Gauge, Registry } from 'prom-client';
import { Type } from 'typebox';
import { decoderGroupUse } from '../decode/decoderGroup.ts';
import { StreamState, type StreamStatus } from '../schema.ts';
import { diskOf } from '../system/disk.ts';
import { type App, failures } from './app.ts';
import type { ApiDeps } from './deps.ts';
import type { LiveSockets } from './live/liveSockets.ts';

/**
 * Streams with time series of their own; those behind them are summed up under one name that no stream can have. Somebody
 * may import a thousand, and a monitoring system pays for each for ever.
 */
const MOST_STREAMS = 256;
const OTHERS = '(others)';

/** Answers by the first digit of their status. */
export type RequestCounts = Map<string, number>;

/** Counts what is answered, from now on. For the whole server: refused and unknown addresses too. */
export function countRequests(app: App): RequestCounts {
  const counts: RequestCounts = new Map(['2xx', '3xx', '4xx', '5xx'].map((name) => [name, 0]));
  app.addHook('onResponse', async (_request, reply) => {
    const name = `${Math.floor(reply.statusCode / 100)}xx`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  });
  return counts;
}

export interface MetricsFacts {
  requests: RequestCounts;
  /** Pages that listen for events. */
  pages: () => number;
  live: Pick<LiveSockets, 'size' | 'tiles' | 'dropped' | 'levels'>;
}

export function metricsRoutes(app: App, deps: ApiDeps, facts: MetricsFacts): void {
  app.get(
    '/metrics',
    {
      schema: {
        tags: ['system'],
        summary: 'Prometheus metrics',
        description: 'Text format 0.0.4. Counters begin at the daemon’s start.',
        response: {
          200: { description: 'The metrics', content: { 'text/plain': { schema: Type.String() } } },
          ...failures(503),
        },
      },
    },
    async (_request, reply) => {
      const registry = await collect(deps, facts);
      return reply
        .header('Content-Type', registry.contentType)
        .serializer((text: string) => text)
        .send(await registry.metrics());
    },
  );
}

/**
 * Everything as it is now. The numbers are kept elsewhere, so a registry lives for one answer: nothing is left in it of streams
 * that are gone. prom-client's own process metrics wake the process every 10 ms for a histogram; these do not.
 */
async function collect(deps: ApiDeps, { requests, pages, live }: MetricsFacts): Promise<Registry> {
  const registry = new Registry();
  const gauge = (name: string, help: string, value: number) =>
    new Gauge({ name, help, registers: [registry] }).set(value);
  const labelled = <L extends string>(
    name: string,
    help: string,
    label: L,
    values: Iterable<[string, number]>,
  ) => {
    const made = new Gauge({ name, help, labelNames: [label], registers: [registry] });
    for (const [key, value] of values) made.set({ [label]: key } as Record<L, string>, value);
  };
  const counters = <L extends string>(
    name: string,
    help: string,
    label: L,
    values: Iterable<[string, number]>,
  ) => {
    const made = new Counter({ name, help, labelNames: [label], registers: [registry] });
    for (const [key, value] of values) made.inc({ [label]: key } as Record<L, string>, value);
  };

  const { decode } = deps.facts();
  labelled('walleye_info', 'The version that runs', 'version', [[deps.version, 1]]);
  labelled('walleye_decoder_info', 'The decoder that is used for new pictures', 'hwaccel', [
    [decode.chosen, 1],
  ]);
  gauge(
    'walleye_decoder_fallbacks',
    'Open renditions that decode in software although hardware was chosen',
    decode.fallbacks,
  );
  labelled('walleye_stepped_down_ratio', 'What pictures have of the rate and size that was asked for', 'of', [
    ['fps', (decode.stepped_down?.fps_percent ?? 100) / 100],
    ['size', (decode.stepped_down?.size_percent ?? 100) / 100],
  ]);

  const streams = deps.cameras.streams().flatMap(({ name }) => deps.cameras.stream(name) ?? []);
  const states = new Map<string, number>(StreamState.enum.map((state) => [state, 0]));
  for (const { state } of streams) states.set(state, (states.get(state) ?? 0) + 1);
  labelled('walleye_streams', 'Streams by their state', 'state', states);
  const sums = byStream(streams);
  for (const [name, help, of] of STREAM_COUNTERS) counters(name, help, 'stream', sums(of));
  for (const [name, help, of] of STREAM_GAUGES) labelled(name, help, 'stream', sums(of));

  gauge('walleye_viewers', 'Open M-JPEG responses', deps.viewers.total);
  gauge('walleye_pages', 'Pages that listen for events', pages());
  labelled(
    'walleye_live_sockets',
    'Open live sockets, by how much less than asked for they are sent',
    'level',
    live.levels,
  );
  gauge('walleye_live_tiles', 'Tiles of all live sockets', live.tiles);
  const leftOut = 'Pictures that slow viewers of live sockets were not sent';
  new Counter({ name: 'walleye_live_pictures_dropped_total', help: leftOut, registers: [registry] }).inc(
    live.dropped,
  );
  counters('walleye_http_requests_total', 'Requests that were answered, by status', 'code', requests);
  gauge('walleye_alarms_active', 'Alarms that are on the screen', deps.alarms.list().active.length);
  gauge('walleye_cameras', 'Cameras that are known', deps.cameras.cameras().length);
  const screen = deps.screen?.();
  if (screen) {
    gauge(
      'walleye_screen_heartbeat_seconds',
      'Unix time at which the box’s screen last said what it paints',
      screen.heartbeat,
    );
    gauge('walleye_screen_tiles', 'Tiles on the box’s screen', screen.tiles);
    gauge('walleye_screen_tiles_painting', 'Tiles whose picture changes', screen.painting);
  }
  const disk = deps.stateDir === undefined ? null : await diskOf(deps.stateDir);
  if (disk) {
    gauge('walleye_disk_free_bytes', 'Free space for what is saved', disk.free);
    gauge('walleye_disk_total_bytes', 'Size of the file system for what is saved', disk.total);
  }
  const decoders = await decoderGroupUse();
  if (decoders) {
    const { memory, memoryMax, tasks, oomKills } = decoders;
    gauge('walleye_decoders_memory_bytes', 'Memory of all decoders together', memory);
    if (memoryMax !== undefined)
      gauge('walleye_decoders_memory_max_bytes', 'The most they may use', memoryMax);
    gauge('walleye_decoders_tasks', 'Processes and threads of all decoders', tasks);
    const help = 'Decoders killed because memory ran out';
    new Counter({ name: 'walleye_decoders_oom_kills_total', help, registers: [registry] }).inc(oomKills);
  }
  await collectProcess(registry);
  return registry;
}

type Of = (stream: StreamStatus) => number;
const renditions = (of: (one: StreamStatus['renditions'][number]) => number): Of => {
  return (stream) => stream.renditions.reduce((sum, one) => sum + of(one), 0);
};

const STREAM_COUNTERS: readonly (readonly [name: string, help: string, of: Of])[] = [
  ['walleye_stream_frames_total', 'Access units received', (stream) => stream.frames_received],
  ['walleye_stream_bytes_total', 'Bytes received', (stream) => stream.bytes_received],
  ['walleye_stream_packets_total', 'RTP packets received', (stream) => stream.packets_received],
  ['walleye_stream_packets_lost_total', 'RTP packets lost', (stream) => stream.packets_lost],
  [
    'walleye_stream_frames_dropped_total',
    'Access units given up because of loss',
    (stream) => stream.frames_dropped,
  ],
  [
    'walleye_stream_connects_total',
    'Sessions opened: all but the first are reconnects',
    (stream) => stream.connects,
  ],
];

/** No counters: what a rendition counted goes with it. */
const STREAM_GAUGES: readonly (readonly [name: string, help: string, of: Of])[] = [
  ['walleye_stream_live', '1: pictures come', (stream) => (stream.state === 'live' ? 1 : 0)],
  [
    'walleye_stream_degraded',
    '1: packets or pictures are lost again and again',
    (stream) => (stream.degraded ? 1 : 0),
  ],
  ['walleye_stream_renditions', 'Open renditions: one decoder each', (stream) => stream.renditions.length],
  [
    'walleye_stream_viewers',
    'Who receives one of them, or the camera’s own video',
    (stream) => stream.viewers,
  ],
  ['walleye_stream_video_viewers', 'Who receives the camera’s own video', (stream) => stream.video_viewers],
  ['walleye_rendition_pictures', 'Pictures of the open renditions', renditions(({ frames }) => frames)],
  [
    'walleye_rendition_pictures_dropped',
    'Pictures of the open renditions that slow viewers skipped',
    renditions(({ drops }) => drops),
  ],
  [
    'walleye_rendition_restarts',
    'Restarts of the open renditions’ decoders',
    renditions(({ restarts }) => restarts),
  ],
];

function byStream(streams: readonly StreamStatus[]): (of: Of) => [string, number][] {
  const own = streams.slice(0, MOST_STREAMS);
  const others = streams.slice(MOST_STREAMS);
  return (of) => {
    const values = own.map((stream): [string, number] => [stream.name, of(stream)]);
    if (others.length > 0) values.push([OTHERS, others.reduce((sum, stream) => sum + of(stream), 0)]);
    return values;
  };
}

/** The names that every exporter has. */
async function collectProcess(registry: Registry): Promise<void> {
  const registers = [registry];
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  new Counter({ name: 'process_cpu_seconds_total', help: 'CPU time, children not counted', registers }).inc(
    (user + system) / 1e6,
  );
  const gauges: [string, string, number][] = [
    ['process_start_time_seconds', 'Unix time of the start', Date.now() / 1000 - process.uptime()],
    ['process_resident_memory_bytes', 'Resident memory', rss],
    ['nodejs_heap_size_used_bytes', 'JavaScript heap in use', heapUsed],
    ['nodejs_heap_size_total_bytes', 'JavaScript heap', heapTotal],
    ['nodejs_external_memory_bytes', 'Buffers and the like', external],
  ];
  const open = await readdir('/proc/self/fd').then(
    (files) => files.length,
    () => undefined,
  );
  if (open !== undefined) gauges.push(['process_open_fds', 'Open files and sockets', open]);
  for (const [name, help, value] of gauges) new Gauge({ name, help, registers }).set(value);
}
