import { type Command, InvalidArgumentError, Option } from 'commander';
import type { StreamList, StreamStatus } from '../../schema.ts';
import { type Context, path } from './context.ts';
import { facts, rounded, size, table } from './output.ts';
import { askPassword } from './password.ts';

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It is not a number.');
  return value;
}

interface AddOptions {
  channel?: number;
  subtype?: number;
  username?: string;
  password?: string;
  transport?: string;
  disabled?: boolean;
  onDemand?: boolean;
}

interface UrlOptions {
  width?: number;
  height?: number;
  fps?: number;
  quality?: number;
}

export function streamCommands(program: Command, context: () => Context): void {
  program
    .command('streams')
    .description('all streams with their state and counters')
    .action(async () => {
      const { client, show } = context();
      show(await client.call<StreamList>('GET', '/api/streams'), ({ streams }) =>
        table(
          ['name', 'camera', 'state', 'frames', 'packets', 'MB'],
          streams.map((stream) => [
            stream.name,
            stream.camera,
            stream.state,
            stream.frames_received,
            stream.packets_received,
            rounded(stream.bytes_received / 1e6),
          ]),
          'No streams yet. Add one: walleye stream add NAME rtsp://…',
        ),
      );
    });

  const stream = program.command('stream').description('one stream: show, add, remove, start, stop, url');

  stream
    .command('show')
    .description('all that is known of a stream')
    .argument('<stream>')
    .action(async (name: string) => {
      const { client, show } = context();
      show(await client.call<StreamStatus>('GET', path('streams', name)), describe);
    });

  stream
    .command('add')
    .description('add a stream by its RTSP address')
    .argument('<name>', '1 to 64 of A–Z a–z 0–9 _ -')
    .argument('<url>', 'rtsp://…; user:password@ in it is kept apart')
    .option('--channel <n>', 'appended in the Dahua way where the address has none', number)
    .option('--subtype <n>', '0: main, 1: sub', number)
    .option('--username <user>')
    .option('--password <password>', 'asked for when left out and a user is given')
    .addOption(new Option('--transport <how>').choices(['auto', 'tcp', 'udp', 'http', 'multicast']))
    .option('--disabled', 'do not start it')
    .option('--on-demand', 'connect only while somebody looks')
    .action(async (name: string, url: string, options: AddOptions) => {
      const { client, show } = context();
      const { disabled, onDemand, ...body } = options;
      if (body.username !== undefined) body.password ??= await askPassword(`Password of ${body.username}: `);
      const added = await client.call<StreamStatus>('POST', '/api/streams', {
        name,
        rtsp_url: url,
        ...body,
        ...(disabled ? { enabled: false } : {}),
        ...(onDemand ? { keep_warm: false } : {}),
      });
      show(added, () => `Added ${name}.`);
    });

  stream
    .command('remove')
    .description('remove a stream')
    .argument('<stream>')
    .action(async (name: string) => {
      const { client, show } = context();
      await client.call('DELETE', path('streams', name));
      show({ removed: name }, () => `Removed ${name}.`);
    });

  for (const [verb, done] of [
    ['start', 'Started'],
    ['stop', 'Stopped'],
  ] as const) {
    stream
      .command(verb)
      .description(verb === 'start' ? 'switch a stream on' : 'switch a stream off, until it is started again')
      .argument('<stream>')
      .action(async (name: string) => {
        const { client, show } = context();
        const status = await client.call<StreamStatus>('POST', path('streams', name, `/${verb}`));
        show(status, ({ state }) => `${done} ${name}: ${state}.`);
      });
  }

  stream
    .command('url')
    .description('the M-JPEG address of a stream, for an <img>')
    .argument('<stream>')
    .option('--width <pixels>', 'at most', number)
    .option('--height <pixels>', 'at most', number)
    .option('--fps <n>', 'at most', number)
    .option('--quality <1-100>', 'of the JPEGs', number)
    .action(async (name: string, options: UrlOptions) => {
      const { client, show } = context();
      await client.call('GET', path('streams', name)); // a wrong name is told here, not in the browser
      const query = new URLSearchParams(
        Object.entries(options).map(([key, value]): [string, string] => [key, String(value)]),
      );
      const suffix = query.size > 0 ? `?${query}` : '';
      show({ url: `${client.url}${path('streams', name, '/mjpeg')}${suffix}` }, ({ url }) => url);
    });
}

function describe(stream: StreamStatus): string {
  const general = facts([
    ['name', stream.name],
    ['camera', `${stream.camera}, profile ${stream.profile}`],
    ['state', stream.degraded ? `${stream.state}, degraded` : stream.state],
    ['last error', stream.last_error?.message],
    ['address', stream.rtsp_url],
    ['transport', stream.transport_in_use ?? stream.transport],
    ['picture', [stream.codec, size(stream), fps(stream.fps)].filter(Boolean).join(' ')],
    [
      'key frames',
      stream.key_frame_interval === null ? null : `every ${rounded(stream.key_frame_interval)} s`,
    ],
    ['frames', `${stream.frames_received} received, ${stream.frames_dropped} given up`],
    [
      'packets',
      `${stream.packets_received} received, ${stream.packets_lost} lost, ${stream.packets_reordered} reordered`,
    ],
    ['connects', stream.connects],
    ['viewers', stream.viewers],
    ['enabled', stream.enabled],
    ['keeps warm', stream.keep_warm],
  ]);
  if (stream.renditions.length === 0) return general;
  const renditions = table(
    ['rendition', 'fps', 'quality', 'viewers', 'frames', 'drops', 'decoder', 'restarts'],
    stream.renditions.map((one) => [
      `${one.width}×${one.height}`,
      rounded(one.fps),
      one.quality,
      one.viewers,
      one.frames,
      one.drops,
      one.decoder,
      one.restarts,
    ]),
    '',
  );
  return `${general}\n\n${renditions}`;
}

function fps(value: number | null): string | null {
  return value === null ? null : `${rounded(value)} fps`;
}
