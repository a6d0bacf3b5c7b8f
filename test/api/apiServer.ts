import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import type { ApiDeps } from '../../daemon/api/deps.ts';
import { buildServer } from '../../daemon/api/server.ts';
import { CameraReboots } from '../../daemon/camera/cameraReboots.ts';
import { judgeBy } from '../../daemon/camera/certificatePins.ts';
import { OwnPictures } from '../../daemon/camera/ownPictures.ts';
import { Pacer } from '../../daemon/fanout/pacer.ts';
import { Viewers } from '../../daemon/fanout/viewers.ts';
import type { ErrorBody } from '../../daemon/schema.ts';
import { openStore, type Store } from '../../daemon/store/store.ts';
import { MemoryCameras } from './memoryCameras.ts';

export interface ApiServer {
  app: FastifyInstance;
  url: string;
  port: number;
  cameras: MemoryCameras;
  store: Store;
  viewers: Viewers;
  close(): Promise<void>;
}

/** The real server on a real socket with a real database; the cameras are in memory unless others are given. */
export async function startApi(
  deps: Partial<ApiDeps> = {},
  prepare: (app: FastifyInstance) => void = () => {},
): Promise<ApiServer> {
  const folder = mkdtempSync(join(tmpdir(), 'walleye-api-'));
  const { store } = openStore(join(folder, 'walleye.sqlite'));
  const cameras = new MemoryCameras();
  const viewers = new Viewers();
  const app = buildServer({
    log: pino({ level: 'silent' }),
    version: '0.0.0-test',
    cameras,
    store,
    lastPictures: { read: async () => undefined },
    reboots: new CameraReboots(store),
    ownPictures: new OwnPictures({ store, judge: judgeBy(store.settings) }),
    viewers,
    pacer: new Pacer(),
    facts: () => ({
      ffmpeg: { path: '/usr/bin/ffmpeg', version: '7', source: 'system', hwaccels: [], warning: null },
      decode: { chosen: 'software', reason: 'test', candidates: [], fallbacks: 0, stepped_down: null },
      sandbox: { kind: 'plain', network: false, files: false, warning: null },
    }),
    discover: async () => ({ devices: [], interfaces: [], problems: [] }),
    describeOnvif: async () => {
      throw Object.assign(new Error('Nothing answers at that address.'), {
        name: 'OnvifError',
        code: 'unreachable',
      });
    },
    pages: join(folder, 'no-pages'),
    ...deps,
  });
  prepare(app);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  return {
    app,
    url: `http://127.0.0.1:${port}`,
    port,
    cameras,
    store,
    viewers,
    close: async () => {
      await app.close();
      store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

/** One JSON request. `body`: an object is sent as JSON, a string as it is. The type of the answer is the caller's word. */
export async function call<T = ErrorBody>(
  api: { url: string },
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  const response = await fetch(api.url + path, {
    method,
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = (response.headers.get('content-type') ?? '').startsWith('application/json');
  const value: unknown = json && text !== '' ? JSON.parse(text) : text;
  return { status: response.status, headers: response.headers, body: value as T };
}

/** Polls until `condition` gives something true; for what another process or socket does in its own time. */
export async function until<T>(
  condition: () => T | Promise<T>,
  what: string,
  patience = 20_000,
): Promise<Exclude<T, undefined | null | false | 0>> {
  const deadline = Date.now() + patience;
  for (;;) {
    const result = await condition();
    if (result) return result as Exclude<T, undefined | null | false | 0>;
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
