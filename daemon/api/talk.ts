import { Type } from 'typebox';
import { cameraNotFound } from '../camera/cameraError.ts';
import type { Talk } from '../camera/talks.ts';
import { Loudspeaker, TalkEvent } from '../schema.ts';
import { type App, described, failures, IdParams } from './app.ts';
import { audit } from './audit.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';

const tags = ['cameras'];
const PATH = '/api/cameras/:id/talk';
const TalkQuery = Type.Object(
  {
    sample_rate: Type.Optional(
      Type.Integer({ minimum: 8_000, maximum: 96_000, description: 'Hz of what is sent; default 48000' }),
    ),
  },
  { additionalProperties: false },
);
/** Milliseconds after which who says nothing is taken for gone: the loudspeaker is another's then. */
const SILENCE = 30_000;
/** Bytes of one message: a second of sound at the highest rate. */
const MOST_AT_ONCE = 192_000;

/** What is used of a WebSocket. */
interface TalkSocket {
  send(data: string): void;
  close(code: number, reason?: string): void;
  on(event: 'close' | 'error', listener: () => void): unknown;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
}

/** Talking through a camera’s loudspeaker. */
export function talkRoutes(app: App, deps: ApiDeps): void {
  const talks = (id: string) => {
    if (!deps.cameras.camera(id)) throw cameraNotFound(id);
    if (!deps.talks) throw new ApiError(409, 'not_supported', 'Nobody can talk through cameras from here.');
    return deps.talks;
  };

  app.get(
    '/api/cameras/:id/loudspeaker',
    {
      schema: {
        tags,
        summary: 'Whether the camera has a loudspeaker to talk through',
        description: 'Asks the camera, and remembers the answer for an hour.',
        params: IdParams,
        response: { 200: described(Loudspeaker, 'What it has'), ...failures(400, 404, 409, 502) },
      },
    },
    async ({ params: { id } }) => ({ supported: await talks(id).find(id) }),
  );

  app.route({
    method: 'GET',
    url: PATH,
    exposeHeadRoute: false,
    schema: {
      tags,
      summary: 'WebSocket: talk through the camera’s loudspeaker',
      description:
        'By ONVIF’s back channel. When `{"type":"talking"}` has come, send binary messages: samples of 16 bits, little-endian, ' +
        'one channel, some 20–100 ms each, as they are spoken. One at a time may talk through a camera; whoever says nothing ' +
        'for 30 seconds is cut off. Administrators may; viewers where `viewers_talk` is set.',
      params: IdParams,
      querystring: TalkQuery,
      response: {
        101: described(
          Type.Object({ box: TalkEvent }),
          'What the box says: one message, then it listens or closes',
        ),
        ...failures(400, 403, 404, 409, 426),
      },
    },
    // Before the upgrade, so that who may not is answered as HTTP does.
    preHandler: async (request) => {
      talks(request.params.id);
      if (request.caller.role === 'admin' || deps.store.settings.settings().viewers_talk) return;
      const message =
        'On this wall only administrators may talk through cameras. One of them can allow it for all under Wall → On the screen.';
      throw new ApiError(403, 'talk_for_admins', message);
    },
    handler: async ({ params: { id } }) => {
      throw new ApiError(
        426,
        'websocket_only',
        `This is a WebSocket: open it as ws://…/api/cameras/${id}/talk.`,
      );
    },
    wsHandler: (socket, request) => {
      const { id } = request.params as { id: string };
      const { sample_rate = 48_000 } = request.query as { sample_rate?: number };
      audit(deps, request, 'camera.talk', id);
      serve(socket as unknown as TalkSocket, (signal) => deps.talks!.open(id, sample_rate, signal));
    },
  });
}

/** For the life of one socket. */
function serve(socket: TalkSocket, open: (signal: AbortSignal) => Promise<Talk>): void {
  const gone = new AbortController();
  let talk: Talk | undefined;
  const tell = (event: TalkEvent) => socket.send(JSON.stringify(event));
  const silent = setTimeout(() => socket.close(4408, 'nothing was said for 30 s'), SILENCE);
  socket.on('error', () => {}); // 'close' follows
  socket.on('close', () => {
    clearTimeout(silent);
    gone.abort();
    void talk?.close();
  });
  socket.on('message', (data, isBinary) => {
    if (!isBinary || !talk || data.length > MOST_AT_ONCE) return;
    silent.refresh();
    talk.send(samplesOf(data));
  });
  open(gone.signal).then(
    (opened) => {
      if (gone.signal.aborted) return void opened.close();
      talk = opened;
      tell({ type: 'talking', codec: opened.coding });
      void opened.closed.then(() => socket.close(1011, 'the camera ended it'));
    },
    (error: Error & { code?: string }) => {
      if (gone.signal.aborted) return;
      tell({ type: 'error', code: error.code ?? 'internal', message: error.message });
      socket.close(1011, 'see the message');
    },
  );
}

/** Little-endian, wherever the message lies in memory. */
function samplesOf(data: Buffer): Int16Array {
  const samples = new Int16Array(data.length >> 1);
  for (let n = 0; n < samples.length; n++) samples[n] = data.readInt16LE(n * 2);
  return samples;
}
