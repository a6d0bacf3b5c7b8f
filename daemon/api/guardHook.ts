import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from './app.ts';
import { subprotocolToken } from './auth/authorization.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError, BODY_LIMIT, routeNotFound } from './errors.ts';
import { insecure, isLoopbackName, isLoopbackSibling, refusal, splitHost } from './guard.ts';
import { OwnNames } from './ownNames.ts';
import { contentSecurityPolicy, SECURITY_HEADERS } from './securityHeaders.ts';

/** A client whose body is too large has so long to read that. */
const LINGER = 1_000;
/** What the wall on this machine takes from addresses that are other sites to a browser; it asks for health to try them. */
const SHARDED = /^\/api\/(health|(streams|cameras)\/:[a-z]+\/(mjpeg|snapshot\.jpg|last\.jpg))$/;

/** What pages of other sites may show with a token of this box. */
const EMBEDDABLE = /^\/api\/(live|streams\/:name\/ws)$/;

/** Applies guard.ts to every request, before anything else looks at it, and gives every answer its security headers. */
export function guard(app: App, deps: ApiDeps): void {
  const names = { allowedHosts: new OwnNames(deps.allowedHosts) };
  app.addHook('onRequest', async (request, reply) => {
    const { headers, method } = request;
    // The route's pattern: the address may be written with percent signs.
    const route = request.routeOptions.url ?? request.url;
    const api = route.startsWith('/api/') || route === '/metrics';
    // On the bare response, so that M-JPEG, which leaves fastify, has them too.
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) reply.raw.setHeader(name, value);
    if (SHARDED.test(route)) shardHeaders(request, reply);
    const refused = refusal(
      {
        method,
        api,
        webSocket: headers.upgrade !== undefined,
        embedded:
          headers.upgrade !== undefined &&
          EMBEDDABLE.test(route) &&
          subprotocolToken(headers['sec-websocket-protocol']) !== undefined,
        host: headers.host,
        origin: headers.origin,
        referer: headers.referer,
        secFetchSite: headers['sec-fetch-site'] as string | undefined,
        secFetchMode: headers['sec-fetch-mode'] as string | undefined,
        secFetchDest: headers['sec-fetch-dest'] as string | undefined,
      },
      names,
    );
    if (refused) throw new ApiError(403, refused.code, refused.message);
    const clear = insecure(
      {
        secure: isSecure(request.raw),
        peer: request.raw.socket.remoteAddress,
        method,
        page: (!api || route.startsWith('/api/docs')) && !route.startsWith('/screen/'),
        host: headers.host,
        path: request.url.startsWith('/') ? request.url : '/',
      },
      deps.tls?.required ? deps.tls.port : undefined,
    );
    if (clear && 'refusal' in clear) throw new ApiError(403, clear.refusal.code, clear.refusal.message);
    if (clear) return reply.redirect(clear.redirect, 308);
    // Before anything is read, whatever the route: what is unread when the answer is sent would be swallowed whole.
    if (Number(headers['content-length']) > BODY_LIMIT)
      throw Object.assign(new Error('body too large'), { code: 'FST_ERR_CTP_BODY_TOO_LARGE' });
    if (request.is404) throw routeNotFound(request);
    return undefined;
  });
  app.addHook('onResponse', async (request, reply) => {
    if (reply.statusCode === 413) linger(request.raw.socket);
  });
  app.addHook('onSend', async (request, reply) => {
    // Closed by linger(), which gives the client the time to read why.
    if (reply.statusCode === 413) reply.removeHeader('Connection');
    const type = String(reply.getHeader('content-type') ?? '');
    if (type.startsWith('text/html') && !reply.hasHeader('Content-Security-Policy'))
      reply.header('Content-Security-Policy', contentSecurityPolicy(request.host, isSecure(request.raw)));
    if (type.startsWith('application/json') && !reply.hasHeader('Cache-Control'))
      reply.header('Cache-Control', 'no-store');
  });
  // Node leaves the socket of a refused upgrade to nobody, and close() would wait for it.
  app.addHook('onResponse', async (request) => {
    if (request.headers.upgrade !== undefined) request.raw.socket.destroySoon();
  });
}

/** Not what headers say: they are the client's. */
export function isSecure(request: IncomingMessage): boolean {
  return (request.socket as TLSSocket).encrypted === true;
}

/**
 * The wall on this machine takes its pictures from 127.0.0.2 and up, other sites to a browser: they may be shown there,
 * and their pixels read (is what was painted what was sent?). Nobody else gets to read them.
 */
function shardHeaders(request: FastifyRequest, reply: FastifyReply): void {
  const { origin, host } = request.headers;
  reply.raw.setHeader('Vary', 'Origin');
  if (isLoopbackName(splitHost(host ?? '')?.name ?? ''))
    reply.raw.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
  if (origin !== undefined && isLoopbackSibling(origin, host))
    reply.raw.setHeader('Access-Control-Allow-Origin', origin);
}

/**
 * Says goodbye to a client that is still sending, and throws away what comes. Closed at once, the unread bytes would make
 * the kernel send a reset, which takes the answer with it.
 */
function linger(socket: Socket): void {
  socket.end();
  socket.resume();
  setTimeout(() => socket.destroy(), LINGER).unref();
}
