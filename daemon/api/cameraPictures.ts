import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from 'typebox';
import { cameraNotFound } from '../camera/cameraError.ts';
import { smallStream } from '../camera/smallStream.ts';
import type { JpegFrame } from '../frame.ts';
import { SnapshotQuery, type StreamState } from '../schema.ts';
import { type App, Binary, failures, IdParams } from './app.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';
import { freshPicture } from './pictures.ts';

const tags = ['pictures'];
/** Milliseconds that a camera gets to show itself. */
const PATIENCE = 8_000;
/** One that is not there within this time is not there. */
const PATIENCE_WHEN_OFF = 2_500;
const LOOK = 200;
/** Pixels, where nobody says how wide. */
const WIDTH = 640;
const OFF: readonly StreamState[] = ['gone', 'refused', 'busy', 'unsupported', 'stopped', 'ended'];

const jpeg = (description: string) => ({
  description,
  content: { 'image/jpeg': { schema: Binary } },
});

/** One picture of a camera: of now, or the last one that was ever shown. */
export function cameraPictureRoutes(app: App, deps: ApiDeps): void {
  const requireCamera = (id: string) => {
    const camera = deps.cameras.camera(id);
    if (!camera) throw cameraNotFound(id);
    return camera;
  };

  app.get(
    '/api/cameras/:id/last.jpg',
    {
      config: { ticket: true },
      schema: {
        tags,
        summary: 'The last picture of a camera that was shown, also when the camera is off',
        description: '`X-Picture-Time` tells when it was taken, in Unix seconds. Kept once a minute.',
        params: IdParams,
        response: {
          200: jpeg('The picture'),
          304: Type.Null({ description: 'The one that the client has (If-None-Match)' }),
          ...failures(400, 404),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      requireCamera(id);
      const picture = await deps.lastPictures.read(id);
      if (!picture) {
        const message = `No picture of ${id} was kept yet. One is as soon as the camera is shown on a wall.`;
        throw new ApiError(404, 'no_picture', message);
      }
      const tag = `"${picture.tag}"`;
      reply
        .header('ETag', tag)
        .header('Cache-Control', 'no-cache')
        .header('Last-Modified', new Date(picture.time * 1000).toUTCString())
        .header('X-Picture-Time', picture.time);
      const known = request.headers['if-none-match'];
      if (known?.split(',').some((one) => one.trim().replace(/^W\//, '') === tag))
        return reply.code(304).send(null);
      return reply.type('image/jpeg').send(picture.data);
    },
  );

  app.get(
    '/api/cameras/:id/snapshot.jpg',
    {
      exposeHeadRoute: false,
      config: { ticket: true },
      schema: {
        tags,
        summary: 'One picture of a camera, of now',
        description:
          'From its smallest stream that is wide enough. Starts it if it rests. `X-Frame-Age-Ms` tells how old the ' +
          'picture is. With `source=camera` the picture that the camera makes itself (ONVIF’s GetSnapshotUri), as it is: of its ' +
          'whole size, and without a session for video.',
        params: IdParams,
        querystring: SnapshotQuery,
        response: { 200: jpeg('The picture'), ...failures(400, 404, 502, 503) },
      },
    },
    async (request, reply) => {
      const camera = requireCamera(request.params.id);
      const { width = WIDTH, source, ...rest } = request.query;
      if (source === 'camera') {
        if (request.query.width ?? rest.height ?? rest.quality)
          throw new ApiError(
            400,
            'invalid_query',
            'source=camera gives the picture as it is: leave out width, height and quality.',
          );
        const picture = await deps.ownPictures.get(camera.id);
        return reply.type('image/jpeg').header('Cache-Control', 'no-store').send(picture);
      }
      const stream = smallStream(camera, width);
      if (!stream) throw noPicture(`Every stream of ${camera.name} is switched off. Start one.`);
      const over = new AbortController();
      reply.raw.once('close', () => over.abort());
      const lease = deps.cameras.openRendition(stream.name, { width, ...rest });
      try {
        const picture = freshPicture(lease.rendition.hub, over.signal, PATIENCE);
        const frame = await Promise.race([picture, staysOff(deps, stream.name, over.signal)]);
        if (!frame) throw noPicture(whyNot(deps, camera.name, stream.name));
        return await reply
          .type('image/jpeg')
          .header('Cache-Control', 'no-store')
          .header('X-Frame-Age-Ms', Math.round(performance.now() - frame.receivedAt))
          .send(frame.data);
      } finally {
        over.abort();
        lease.release();
      }
    },
  );
}

/** Resolves, with nothing, when the stream has been off for a while. Never does for one that comes. */
async function staysOff(deps: ApiDeps, name: string, signal: AbortSignal): Promise<JpegFrame | undefined> {
  let since = performance.now();
  while (!signal.aborted) {
    const state = deps.cameras.stream(name)?.state ?? 'gone';
    if (!OFF.includes(state)) since = performance.now();
    else if (performance.now() - since > PATIENCE_WHEN_OFF) return undefined;
    await sleep(LOOK, undefined, { signal }).catch(() => {});
  }
  return new Promise(() => {});
}

function whyNot(deps: ApiDeps, camera: string, name: string): string {
  const stream = deps.cameras.stream(name);
  if (!stream) return `${camera} was removed.`;
  const { state, last_error } = stream;
  const why = last_error ? `it is ${state}: ${last_error.message}` : `its stream ${name} is ${state}`;
  return `No picture of ${camera} came within ${PATIENCE / 1000} s; ${why}`;
}

function noPicture(message: string): ApiError {
  return new ApiError(503, 'no_picture_yet', message, { retryAfter: 2 });
}
