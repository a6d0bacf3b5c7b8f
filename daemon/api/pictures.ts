import { Type } from 'typebox';
import type { Hub, Viewer } from '../fanout/hub.ts';
import { MjpegViewer } from '../fanout/mjpeg.ts';
import type { JpegFrame } from '../frame.ts';
import { PictureQuery } from '../schema.ts';
import { type App, Binary, failures, NameParams } from './app.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';
import { requireStream } from './streams.ts';

const tags = ['pictures'];
/** M-JPEG responses at a time. Sixty-four tiles on two screens, and as many remote viewers as a box can feed. */
const MAX_VIEWERS = 500;
/** Milliseconds. */
const SNAPSHOT_PATIENCE = 5_000;
/** A picture received so short a time before the request is as good as a newer one. */
const FRESH = 1_000;

export function pictureRoutes(app: App, deps: ApiDeps): void {
  app.get(
    '/api/streams/:name/mjpeg',
    {
      exposeHeadRoute: false, // an endless body
      config: { ticket: true },
      schema: {
        tags,
        summary: 'Moving pictures for an <img>',
        description:
          'M-JPEG (`multipart/x-mixed-replace`). Width and height are upper bounds; viewers who ask for the same ' +
          'share one decoder. A slow viewer gets the newest picture whenever it can take one.',
        params: NameParams,
        querystring: PictureQuery,
        response: {
          200: {
            description: 'Pictures until either side closes',
            content: { 'multipart/x-mixed-replace': { schema: Binary } },
          },
          ...failures(400, 404, 409, 503),
        },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const { viewer: id, paced, ...size } = request.query;
      requireStream(deps, name);
      if (deps.viewers.total >= MAX_VIEWERS) {
        const message = `${MAX_VIEWERS} pictures are open already. Close some.`;
        throw new ApiError(503, 'too_many_viewers', message, { retryAfter: 5 });
      }
      if (reply.raw.destroyed || request.raw.destroyed) return reply.hijack(); // it left while it waited here
      const lease = deps.cameras.openRendition(name, size);
      reply.hijack();
      const pacer = paced ? deps.pacer : undefined;
      const viewer = new MjpegViewer({
        response: reply.raw,
        hub: lease.rendition.hub,
        pacer,
        viewer: id,
        stream: name,
      });
      const leave = deps.viewers.add(viewer);
      viewer
        .serve(lease.rendition.hub)
        .catch((error: unknown) => {
          request.log.error({ err: error, stream: name }, 'an M-JPEG response failed');
          reply.raw.destroy();
        })
        .finally(() => {
          leave();
          lease.release();
        });
      return reply;
    },
  );

  app.get(
    '/api/streams/:name/snapshot.jpg',
    {
      exposeHeadRoute: false,
      config: { ticket: true },
      schema: {
        tags,
        summary: 'One picture, of now',
        description: 'Starts the stream if it rests. `X-Frame-Age-Ms` tells how old the picture is.',
        params: NameParams,
        querystring: Type.Pick(PictureQuery, ['width', 'height', 'quality']),
        response: {
          200: {
            description: 'The picture',
            content: { 'image/jpeg': { schema: Binary } },
          },
          ...failures(400, 404, 409, 503),
        },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      requireStream(deps, name);
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const lease = deps.cameras.openRendition(name, request.query);
      try {
        const frame = await freshPicture(lease.rendition.hub, gone.signal);
        if (!frame) throw noPicture(deps, name);
        return await reply
          .type('image/jpeg')
          .header('X-Frame-Age-Ms', Math.round(performance.now() - frame.receivedAt))
          .send(frame.data);
      } finally {
        lease.release();
      }
    },
  );
}

/** The first picture of a hub that shows the present; undefined when none comes in time. */
export function freshPicture(
  hub: Hub,
  signal: AbortSignal,
  patience: number = SNAPSHOT_PATIENCE,
): Promise<JpegFrame | undefined> {
  const oldest = performance.now() - FRESH;
  const { promise, resolve } = Promise.withResolvers<JpegFrame | undefined>();
  const viewer: Viewer = {
    dropped: 0,
    offer: (frame) => {
      if (frame.receivedAt >= oldest) resolve(frame);
    },
    end: () => resolve(undefined),
  };
  const giveUp = () => resolve(undefined);
  const timer = setTimeout(giveUp, patience);
  signal.addEventListener('abort', giveUp, { once: true });
  const leave = hub.add(viewer);
  return promise.finally(() => {
    leave();
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  });
}

function noPicture(deps: ApiDeps, name: string): ApiError {
  const stream = deps.cameras.stream(name);
  const why = stream?.last_error
    ? `${stream.state}: ${stream.last_error.message}`
    : (stream?.state ?? 'removed');
  const message = `No picture of ${name} came within ${SNAPSHOT_PATIENCE / 1000} s; the stream is ${why}.`;
  return new ApiError(503, 'no_picture_yet', message, { retryAfter: 2 });
}
