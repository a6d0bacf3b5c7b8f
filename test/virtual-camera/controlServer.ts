/** Faults and counters of the virtual cameras for other processes, as JSON over HTTP on loopback. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { PROFILES, parseFault } from './fault.ts';
import type { VirtualCamera } from './index.ts';

export interface ControlServer {
  readonly url: string;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

const MOST_BODY = 64 * 1024;

/**
 *   GET    /cameras                            all of them
 *   GET    /cameras/{id}                       one: addresses, counters, faults in force
 *   GET    /cameras/{id}/sentAt?profile=main   when each stamp last left (`&stamp=7`: one of them)
 *   GET    /cameras/{id}/ptz                   where its motors are, and what they were told
 *   POST   /cameras/{id}/fault                 a Fault (fault.ts)
 *   DELETE /cameras/{id}/fault                 ends the lasting ones
 *   POST   /cameras/{id}/motion                {"on":true}: motion begins, or ends, for those who listen over ONVIF
 */
export async function startControlServer(
  cameras: readonly VirtualCamera[],
  options: { readonly host?: string; readonly port?: number } = {},
): Promise<ControlServer> {
  const host = options.host ?? '127.0.0.1';
  const server = createServer((request, response) => {
    answer(cameras, request)
      .catch((error: unknown) => ({ status: 500, body: { message: String(error) } }))
      .then((reply) => send(response, reply));
  });
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://${host}:${port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function send(response: ServerResponse, { status, body }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}

async function answer(cameras: readonly VirtualCamera[], request: IncomingMessage): Promise<Reply> {
  const url = new URL(request.url ?? '/', 'http://camera');
  const [root, id, what, ...rest] = url.pathname.split('/').filter(Boolean);
  const notFound = { status: 404, body: { message: `nothing at ${request.method} ${url.pathname}` } };
  if (root !== 'cameras' || rest.length > 0) return notFound;
  if (id === undefined) return { status: 200, body: { cameras: cameras.map(describeCamera) } };
  const camera = cameras.find((one) => one.id === id);
  if (!camera) return { status: 404, body: { message: `no camera ${id}` } };
  switch (`${request.method} ${what ?? ''}`) {
    case 'GET ':
      return { status: 200, body: { ...describeCamera(camera), stats: camera.stats, faults: camera.faults } };
    case 'GET sentAt':
      return sentAt(camera, url.searchParams);
    case 'GET ptz':
      return camera.ptz ? { status: 200, body: camera.ptz.state } : notFound;
    case 'POST fault':
      return putFault(camera, await readBody(request));
    case 'POST motion':
      return motion(camera, await readBody(request));
    case 'DELETE fault':
      await camera.clearFaults();
      return { status: 200, body: { faults: camera.faults } };
    default:
      return notFound;
  }
}

/** What a person or a program needs to reach the camera. */
export function describeCamera(camera: VirtualCamera): Record<string, unknown> {
  const { id, name, auth, username, password, fps, onvifUrl } = camera;
  const rtsp = Object.fromEntries(PROFILES.map((profile) => [profile, camera.rtspUrl(profile)]));
  return { id, name, auth, username, password, fps, rtsp, onvif: onvifUrl, ptz: camera.ptz !== undefined };
}

function sentAt(camera: VirtualCamera, query: URLSearchParams): Reply {
  const profile = PROFILES.find((known) => known === (query.get('profile') ?? 'main'));
  if (!profile) return { status: 400, body: { message: 'profile is main or sub' } };
  const stamp = query.get('stamp');
  if (stamp !== null) return { status: 200, body: { sentAt: camera.sentAt(profile, Number(stamp)) ?? null } };
  const times = Array.from({ length: camera.frames(profile) }, (_, n) => camera.sentAt(profile, n) ?? null);
  return { status: 200, body: { fps: camera.fps, frames: times.length, sentAt: times } };
}

async function putFault(camera: VirtualCamera, body: string | undefined): Promise<Reply> {
  let json: unknown;
  try {
    json = JSON.parse(body ?? '');
  } catch {
    return { status: 400, body: { message: 'the body is not JSON' } };
  }
  const parsed = parseFault(json);
  if (!parsed.ok) return { status: 400, body: { message: parsed.message } };
  await camera.fault(parsed.fault);
  return { status: 200, body: { faults: camera.faults } };
}

function motion(camera: VirtualCamera, body: string | undefined): Reply {
  const on = /^\s*\{\s*"on"\s*:\s*(true|false)\s*\}\s*$/.exec(body ?? '')?.[1];
  if (on === undefined) return { status: 400, body: { message: 'the body is {"on":true} or {"on":false}' } };
  if (!camera.events) return { status: 409, body: { message: 'the camera is off' } };
  camera.events.motion(on === 'true');
  return { status: 200, body: { listeners: camera.events.subscriptions } };
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
