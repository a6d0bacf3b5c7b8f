import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { bytesOf } from '../camera/recordedRange.ts';
import { NAME_PATTERN, Name, RecordedDays, Timeline } from '../schema.ts';
import { type App, Binary, described, failures, IdParams } from './app.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';
import { readRange } from './httpRange.ts';

const tags = ['recordings'];
const HOUR = 3600;
const MOST_DAYS = 32;
const MOST_CAMERAS = 64;
export const MOST_HOURS = 6;

const Names = Type.String({
  pattern: `^${NAME_PATTERN.slice(1, -1)}(,${NAME_PATTERN.slice(1, -1)}){0,${MOST_CAMERAS - 1}}$`,
  description: `Up to ${MOST_CAMERAS} cameras with commas between; default: all that have recordings`,
  examples: ['door,yard'],
});
const From = Type.Number({ minimum: 0, maximum: 1e10, description: 'Unix seconds' });
const TimelineQuery = Type.Object(
  { cameras: Type.Optional(Names), from: From, to: From },
  { additionalProperties: false },
);
const DaysQuery = Type.Object(
  {
    camera: Type.Optional(Name),
    month: Type.String({ pattern: '^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$', examples: ['2026-11'] }),
  },
  { additionalProperties: false },
);
const RangeQuery = Type.Object({ from: From, to: From }, { additionalProperties: false });
const PictureAtQuery = Type.Object(
  {
    at: From,
    width: Type.Optional(Type.Integer({ minimum: 64, maximum: 3840, description: 'Pixels at the most' })),
    exact: Type.Optional(
      Type.Boolean({ description: 'What was shown then; default: the last key picture until then' }),
    ),
  },
  { additionalProperties: false },
);

/** What is recorded when, and single pictures of it. */
export function playbackRoutes(app: App, deps: ApiDeps): void {
  const { playback, recordedPictures, recordedRanges } = deps;
  if (!playback || !recordedPictures || !recordedRanges) return;

  app.get(
    '/api/recordings/timeline',
    {
      schema: {
        tags,
        summary: 'What is recorded when, and what happened',
        description: `Spans without a gap of more than half a second, and alarms that were kept. At most ${MOST_DAYS} days.`,
        querystring: TimelineQuery,
        response: { 200: described(Timeline, 'Camera by camera'), ...failures(400, 404, 503) },
      },
    },
    async ({ query: { cameras, from, to } }) => {
      checkRange(from, to, MOST_DAYS * 24 * HOUR);
      return playback.timeline(
        cameras === undefined ? undefined : [...new Set(cameras.split(','))],
        from,
        to,
      );
    },
  );

  app.get(
    '/api/recordings/days',
    {
      schema: {
        tags,
        summary: 'The days of a month of which something is recorded',
        querystring: DaysQuery,
        response: { 200: described(RecordedDays, 'In their order'), ...failures(400, 404, 503) },
      },
    },
    async ({ query: { camera, month } }) => playback.days(camera, month),
  );

  app.get(
    '/api/recordings/cameras/:id/media.mp4',
    {
      config: { ticket: true },
      schema: {
        tags,
        summary: 'What is recorded of a camera between two times, as one file',
        description:
          `Fragmented MP4 with an index (none where the camera reorders pictures), at most ${MOST_HOURS} hours; ranges of bytes can be asked for. It begins with the key ` +
          'picture at or before `from`. Its times run with the clock: where nothing is recorded there is a gap. ' +
          '`x-walleye-from` tells the Unix time of its time 0, `x-walleye-to` that of its end, which comes early where the ' +
          'camera’s codec parameters change.',
        params: IdParams,
        querystring: RangeQuery,
        response: {
          200: { description: 'All of it', content: { 'video/mp4': { schema: Binary } } },
          206: { description: 'The bytes', content: { 'video/mp4': { schema: Binary } } },
          ...failures(400, 404, 416, 503),
        },
      },
    },
    async (request, reply) => {
      const { from, to } = request.query;
      checkRange(from, to, MOST_HOURS * HOUR);
      return sendRange(recordedRanges, request.params.id, request, reply);
    },
  );

  app.get(
    '/api/recordings/cameras/:id/picture.jpg',
    {
      exposeHeadRoute: false,
      config: { ticket: true },
      schema: {
        tags,
        summary: 'One picture of a recording',
        description:
          'The last key picture at or before `at`, of the 15 seconds before it; with `exact` the picture that was shown ' +
          'then. `x-walleye-time` tells its own time, in Unix seconds.',
        params: IdParams,
        querystring: PictureAtQuery,
        response: {
          200: { description: 'The picture', content: { 'image/jpeg': { schema: Binary } } },
          ...failures(400, 404, 502, 503),
        },
      },
    },
    async (request, reply) => {
      const { at, width, exact = false } = request.query;
      const over = new AbortController();
      reply.raw.once('close', () => over.abort());
      const ask = { camera: request.params.id, at: at * 1000, width, exact };
      const { data, time, final } = await recordedPictures.read(ask, over.signal);
      return reply
        .type('image/jpeg')
        .header('Cache-Control', final ? 'private, max-age=86400' : 'private, no-cache')
        .header('x-walleye-time', (time / 1000).toFixed(3))
        .send(data);
    },
  );
}

type Ranges = NonNullable<ApiDeps['recordedRanges']>;

/** Answers with the range, or with the part of it that the Range header asks for. */
async function sendRange(ranges: Ranges, camera: string, request: FastifyRequest, reply: FastifyReply) {
  const { from, to } = request.query as { from: number; to: number };
  const header = request.headers.range;
  const again = header !== undefined && !/^bytes=0*-/.test(header);
  const file = await ranges.file(camera, from * 1000, to * 1000, again);
  const { plan, length } = file;
  const tag = `"${Math.round(plan.from)}-${plan.fragments.length}-${length}"`;
  reply
    .type('video/mp4')
    .header('Accept-Ranges', 'bytes')
    .header('Cache-Control', 'private, no-cache')
    .header('ETag', tag)
    .header('x-walleye-from', (plan.from / 1000).toFixed(3))
    .header('x-walleye-to', (plan.until / 1000).toFixed(3));
  const known = request.headers['if-range'];
  const range = readRange(known === undefined || known === tag ? header : undefined, length);
  if (range === 'unsatisfiable') {
    reply.header('Content-Range', `bytes */${length}`);
    throw new ApiError(416, 'range_not_satisfiable', `There are ${length} bytes. Ask for some of them.`);
  }
  const { first, end } = range ?? { first: 0, end: length };
  if (range) reply.code(206).header('Content-Range', `bytes ${first}-${end - 1}/${length}`);
  reply.header('Content-Length', end - first);
  const nothing = request.method === 'HEAD';
  return reply.send(
    nothing ? Readable.from([]) : Readable.from(bytesOf(file, first, end), { objectMode: false }),
  );
}

/** @param most seconds @throws ApiError 400 */
export function checkRange(from: number, to: number, most: number): void {
  if (from >= to)
    throw new ApiError(400, 'invalid_range', '"from" must be before "to", both in Unix seconds.');
  if (to - from <= most) return;
  const limit = most >= 48 * HOUR ? `${most / 24 / HOUR} days` : `${most / HOUR} hours`;
  throw new ApiError(400, 'range_too_long', `That is more than ${limit}. Ask for a part of it.`);
}
