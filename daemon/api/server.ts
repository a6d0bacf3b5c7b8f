import type { Socket } from 'node:net';
import websocket from '@fastify/websocket';
import fastify, { type FastifyInstance, LogController } from 'fastify';
import type { TSchema } from 'typebox';
import type { App } from './app.ts';
import { cameraRoutes } from './cameras.ts';
import { configRoutes } from './config.ts';
import type { ApiDeps } from './deps.ts';
import { DiscoveryRun, discoveryRoutes } from './discovery.ts';
import { ApiError, answerClientError, answerError, BODY_LIMIT, brokenJson, routeNotFound } from './errors.ts';
import { Events, eventRoutes } from './events.ts';
import { refusal, splitHost } from './guard.ts';
import { layoutRoutes } from './layouts.ts';
import { methodNotAllowed } from './methods.ts';
import { onvifRoutes } from './onvif.ts';
import { openApi } from './openapi.ts';
import { pages } from './pages.ts';
import { pictureRoutes } from './pictures.ts';
import { contentSecurityPolicy, SECURITY_HEADERS } from './securityHeaders.ts';
import { streamRoutes } from './streams.ts';
import { systemRoutes } from './system.ts';
import { type Part, validator } from './validation.ts';

/** Milliseconds. Of requests only: an M-JPEG response lasts for months. */
const REQUEST_TIMEOUT = 30_000;
const HEADERS_TIMEOUT = 10_000;
const KEEP_ALIVE_TIMEOUT = 30_000;
const CHECKING_INTERVAL = 5_000;
const MAX_CONNECTIONS = 2_000;
const MAX_HEADER_SIZE = 16 * 1024;
/** A client whose body is too large has so long to read that. */
const LINGER = 1_000;
/** Events sockets have so long to say goodbye when the daemon stops. */
const GOODBYE = 500;

/** The HTTP server, ready to listen. `close()` ends every connection, M-JPEG and WebSockets too. */
export function buildServer(deps: ApiDeps): FastifyInstance {
  const app = fastify({
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 512 },
    http: {
      maxHeaderSize: MAX_HEADER_SIZE,
      headersTimeout: HEADERS_TIMEOUT,
      connectionsCheckingInterval: CHECKING_INTERVAL,
    },
    clientErrorHandler: answerClientError,
    frameworkErrors: answerError,
  }) as unknown as App;
  app.server.maxConnections = MAX_CONNECTIONS;
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request) => {
    throw routeNotFound(request);
  });
  app.setValidatorCompiler<TSchema>(({ schema, httpPart }) => {
    const check = validator(schema, (httpPart ?? 'body') as Part);
    return (value) => {
      const result = check(value);
      return result.ok ? { value: result.value } : { error: new ApiError(400, result.code, result.message) };
    };
  });
  parseJsonOnly(app);
  guard(app, deps);

  const events = new Events(deps);
  const discovery = new DiscoveryRun(deps);
  app.register(async (instance) => {
    const api = instance as unknown as App;
    await api.register(websocket, {
      options: { maxPayload: 4096 },
      preClose: (done) => {
        events.close();
        setTimeout(() => {
          for (const client of api.websocketServer.clients) client.terminate();
        }, GOODBYE).unref();
        api.websocketServer.close();
        done();
      },
    });
    await openApi(instance, deps.version);
    const methods = methodNotAllowed(api);
    streamRoutes(api, deps);
    configRoutes(api, deps);
    pictureRoutes(api, deps);
    cameraRoutes(api, deps);
    discoveryRoutes(api, discovery);
    onvifRoutes(api, deps);
    layoutRoutes(api, deps);
    systemRoutes(api, deps);
    eventRoutes(api, events);
    methods.register();
    await pages(instance, deps.pages);
  });
  app.addHook('preClose', () => discovery.close());
  return app as unknown as FastifyInstance;
}

/** Bodies are JSON or nothing. An empty one under a JSON content type is nothing: many clients always send the header. */
function parseJsonOnly(app: App): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else parse(request, body as string, (error, value) => done(error && brokenJson(body as string), value));
  });
}

function guard(app: App, deps: ApiDeps): void {
  const names = { allowedHosts: new Set((deps.allowedHosts ?? []).map((name) => name.toLowerCase())) };
  app.addHook('onRequest', async (request, reply) => {
    const { headers, method } = request;
    const api = request.url.startsWith('/api/');
    // On the bare response, so that M-JPEG, which leaves fastify, has them too.
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) reply.raw.setHeader(name, value);
    const refused = refusal(
      {
        method,
        api,
        webSocket: headers.upgrade !== undefined,
        host: headers.host,
        origin: headers.origin,
        referer: headers.referer,
        secFetchSite: headers['sec-fetch-site'] as string | undefined,
        secFetchMode: headers['sec-fetch-mode'] as string | undefined,
      },
      names,
    );
    if (refused) throw new ApiError(403, refused.code, refused.message);
    // Before anything is read, whatever the route: what is unread when the answer is sent would be swallowed whole.
    if (Number(headers['content-length']) > BODY_LIMIT)
      throw Object.assign(new Error('body too large'), { code: 'FST_ERR_CTP_BODY_TOO_LARGE' });
    if (request.is404) throw routeNotFound(request);
  });
  app.addHook('onResponse', async (request, reply) => {
    if (reply.statusCode === 413) linger(request.raw.socket);
  });
  app.addHook('onSend', async (request, reply) => {
    // Closed by linger(), which gives the client the time to read why.
    if (reply.statusCode === 413) reply.removeHeader('Connection');
    const type = String(reply.getHeader('content-type') ?? '');
    if (type.startsWith('text/html') && !reply.hasHeader('Content-Security-Policy'))
      reply.header('Content-Security-Policy', contentSecurityPolicy(splitHost(request.host)?.port ?? 80));
    if (type.startsWith('application/json') && !reply.hasHeader('Cache-Control'))
      reply.header('Cache-Control', 'no-store');
  });
  // Node leaves the socket of a refused upgrade to nobody, and close() would wait for it.
  app.addHook('onResponse', async (request) => {
    if (request.headers.upgrade !== undefined) request.raw.socket.destroySoon();
  });
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
