import { streamNotFound } from '../camera/cameraError.ts';
import type { AccessUnit, VideoCodec } from '../frame.ts';
import { StreamAdd, StreamList, StreamStatus } from '../schema.ts';
import { type App, Binary, described, failures, NameParams, Nothing } from './app.ts';
import { audit } from './audit.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';

const tags = ['streams'];
const START_CODE = Buffer.from([0, 0, 0, 1]);
/** As their RTP payload formats register them; `h265` is the media type's name for what FFmpeg calls hevc. */
const MEDIA_TYPE: Record<VideoCodec, string> = {
  h264: 'video/h264',
  hevc: 'video/h265',
  mjpeg: 'image/jpeg',
  mpeg4: 'video/mp4v-es',
  vp8: 'video/vp8',
  vp9: 'video/vp9',
  av1: 'video/av1',
};

export function requireStream(deps: Pick<ApiDeps, 'cameras'>, name: string): StreamStatus {
  const stream = deps.cameras.stream(name);
  if (!stream) throw streamNotFound(name);
  return stream;
}

/** The reference server's resource, under its very names. */
export function streamRoutes(app: App, deps: ApiDeps): void {
  const { cameras } = deps;

  app.get(
    '/api/streams',
    {
      schema: {
        tags,
        summary: 'All streams with their counters',
        response: { 200: described(StreamList, 'The streams'), ...failures() },
      },
    },
    async () => {
      const streams = cameras.streams();
      return { total: streams.length, streams };
    },
  );

  app.post(
    '/api/streams',
    {
      schema: {
        tags,
        summary: 'Add a stream',
        description:
          'A stream added here becomes a camera of its own. It stays connected unless `keep_warm` is false. ' +
          '`channel` and `subtype` are appended in the Dahua way where the address names none.',
        body: StreamAdd,
        response: { 201: described(StreamStatus, 'Added and saved'), ...failures(400, 409, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const stream = await cameras.addStream(request.body);
      audit(deps, request, 'stream.add', stream.name);
      return reply.code(201).header('Location', `/api/streams/${stream.name}`).send(stream);
    },
  );

  app.get(
    '/api/streams/:name',
    {
      schema: {
        tags,
        summary: 'One stream: state, counters, renditions',
        params: NameParams,
        response: { 200: described(StreamStatus, 'The stream'), ...failures(400, 404) },
      },
    },
    async (request) => requireStream(deps, request.params.name),
  );

  app.delete(
    '/api/streams/:name',
    {
      schema: {
        tags,
        summary: 'Remove a stream; its session and its children end',
        params: NameParams,
        response: { 204: Nothing, ...failures(400, 404) },
      },
    },
    async (request, reply) => {
      await cameras.removeStream(request.params.name);
      audit(deps, request, 'stream.remove', request.params.name);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/streams/:name/start',
    {
      schema: {
        tags,
        summary: 'Switch a stream on',
        params: NameParams,
        response: { 200: described(StreamStatus, 'Switched on and saved'), ...failures(400, 404) },
      },
    },
    async (request) => {
      const stream = await cameras.startStream(request.params.name);
      audit(deps, request, 'stream.start', stream.name);
      return stream;
    },
  );

  app.post(
    '/api/streams/:name/stop',
    {
      schema: {
        tags,
        summary: 'Switch a stream off, until it is started again',
        params: NameParams,
        response: { 200: described(StreamStatus, 'Switched off and saved'), ...failures(400, 404) },
      },
    },
    async (request) => {
      const stream = await cameras.stopStream(request.params.name);
      audit(deps, request, 'stream.stop', stream.name);
      return stream;
    },
  );

  app.get(
    '/api/streams/:name/frame',
    {
      schema: {
        tags,
        summary: 'The latest coded picture, as the camera sent it',
        description:
          'One whole access unit as an Annex B byte stream behind its parameter sets. `X-Frame-Key: 1` says that it ' +
          'can be decoded by itself.',
        params: NameParams,
        response: {
          200: {
            description: 'The access unit',
            content: {
              'video/h264': { schema: Binary },
              'video/h265': { schema: Binary },
            },
          },
          ...failures(400, 404, 409, 503),
        },
      },
    },
    async (request, reply) => {
      const stream = requireStream(deps, request.params.name);
      const unit = cameras.latestUnit(stream.name);
      if (!unit) throw noFrame(stream);
      return reply
        .type(MEDIA_TYPE[unit.video.codec])
        .header('X-Frame-Key', unit.key ? '1' : '0')
        .header('X-Frame-Age-Ms', Math.round(performance.now() - unit.receivedAt))
        .send(withParameterSets(unit));
    },
  );
}

/**
 * A picture between key frames carries no parameter sets, and no program could tell its size, nor decode it behind the
 * right key frame. A key access unit has them already.
 */
export function withParameterSets(unit: AccessUnit): Buffer {
  if (unit.key) return unit.data;
  const { codec, parameterSets } = unit.video;
  const nals = codec === 'h264' || codec === 'hevc';
  return Buffer.concat([...parameterSets.flatMap((set) => (nals ? [START_CODE, set] : [set])), unit.data]);
}

function noFrame(stream: StreamStatus): ApiError {
  const { name } = stream;
  if (!stream.enabled) {
    const message = `Stream ${name} is stopped. POST /api/streams/${name}/start starts it.`;
    return new ApiError(409, 'stream_stopped', message);
  }
  const resting = stream.state === 'idle' || stream.state === 'paused';
  const why = resting
    ? `nobody looks at it, so it rests (${stream.state}): open its picture, or add it with "keep_warm": true`
    : `it is ${stream.state}${stream.last_error ? ` (${stream.last_error.message})` : ''}`;
  return new ApiError(503, 'no_frame_yet', `Stream ${name} has no picture now: ${why}.`, { retryAfter: 1 });
}
