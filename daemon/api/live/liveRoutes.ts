import { Type } from 'typebox';
import { LiveEvent, LiveRequest, PictureQuery } from '../../schema.ts';
import { type App, described, failures, NameParams } from '../app.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { requireStream } from '../streams.ts';
import type { ListeningSocket, LiveSockets } from './liveSockets.ts';
import { type PlainSocket, StreamSocket } from './streamSocket.ts';

const tags = ['live'];

const StreamSocketQuery = Type.Object(
  {
    format: Type.Enum(['jpeg', 'mp4'], { description: 'jpeg: decoded here; mp4: the camera’s own video' }),
    ...Type.Pick(PictureQuery, ['width', 'height', 'fps', 'quality']).properties,
  },
  { additionalProperties: false },
);

function webSocketOnly(path: string): ApiError {
  return new ApiError(426, 'websocket_only', `This is a WebSocket: open it as ws://…${path}.`);
}

/** The sockets that carry pictures. Their messages: PROTOCOL.md, which is on the API's page too. */
export function liveRoutes(app: App, deps: ApiDeps, sockets: LiveSockets): void {
  app.route({
    method: 'GET',
    url: '/api/live',
    exposeHeadRoute: false,
    schema: {
      tags,
      summary: 'WebSocket: the pictures of many tiles',
      description:
        'The viewer opens tiles by JSON messages and gets their pictures as binary ones, each behind a header of 16 bytes: ' +
        'the camera’s own video as fragmented MP4 (Media Source Extensions) or Annex B (WebCodecs), or JPEGs. It must ' +
        'acknowledge what it gets: nothing more comes otherwise. All messages: see the head of this section.',
      response: {
        101: described(
          Type.Object({ viewer: LiveRequest, box: LiveEvent }),
          'The JSON messages of the viewer and of the box',
        ),
        ...failures(400, 426),
      },
    },
    handler: async () => {
      throw webSocketOnly('/api/live');
    },
    wsHandler: (socket, request) => {
      const { name, address } = request.caller;
      sockets.add(
        socket as unknown as ListeningSocket,
        request.raw.socket,
        `${name ?? 'anybody'} ${address}`,
      );
    },
  });

  app.route({
    method: 'GET',
    url: '/api/streams/:name/ws',
    exposeHeadRoute: false,
    schema: {
      tags,
      summary: 'WebSocket: the pictures of one stream, nothing else',
      description:
        'format=jpeg: each binary message is a JPEG. format=mp4: a JSON message `{"type":"init","codec":…}` before the ' +
        'initialisation segment, then each binary message is a fragment with one picture. A slow viewer gets the newest ' +
        'JPEG, or goes on at the next key picture.',
      params: NameParams,
      querystring: StreamSocketQuery,
      response: {
        101: { description: 'Pictures until either side closes' },
        ...failures(400, 404, 409, 426, 503),
      },
    },
    // Before the upgrade, so that a wrong name is answered as HTTP does.
    preHandler: async (request) => {
      const stream = requireStream(deps, request.params.name);
      if (stream.enabled) return;
      const message = `Stream ${stream.name} is stopped. POST /api/streams/${stream.name}/start starts it.`;
      throw new ApiError(409, 'stream_stopped', message);
    },
    handler: async (request) => {
      throw webSocketOnly(`/api/streams/${request.params.name}/ws`);
    },
    wsHandler: (socket, request) => {
      const { name } = request.params as { name: string };
      const { format, ...size } = request.query as Record<string, never> & { format: 'jpeg' | 'mp4' };
      const viewer = new StreamSocket(socket as unknown as PlainSocket);
      try {
        if (format === 'mp4') viewer.sendMp4(deps.cameras, name);
        else viewer.sendJpegs(deps.cameras, name, size);
      } catch (error) {
        request.log.warn({ err: error, stream: name }, 'a stream’s socket could not be served');
        socket.close(1013, error instanceof Error ? error.message.slice(0, 120) : 'not now');
      }
    },
  });
}
