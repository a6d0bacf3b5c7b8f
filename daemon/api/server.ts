import cookie from '@fastify/cookie';
import websocket from '@fastify/websocket';
import fastify, { type FastifyInstance, LogController } from 'fastify';
import type { TSchema } from 'typebox';
import { Alarms } from '../camera/alarms.ts';
import { ScreenHeartbeat } from '../camera/screenHeartbeat.ts';
import { ServiceRecords } from '../camera/serviceRecord.ts';
import { adviceRoutes } from './advice.ts';
import { alarmRoutes } from './alarms.ts';
import type { App } from './app.ts';
import { accessControl, makePublic } from './auth/access.ts';
import { Accounts } from './auth/accounts.ts';
import { LIVE_SUBPROTOCOL } from './auth/authorization.ts';
import { authRoutes } from './auth/authRoutes.ts';
import { cameraPictureRoutes } from './cameraPictures.ts';
import { cameraRebootRoutes } from './cameraReboot.ts';
import { cameraRoutes } from './cameras.ts';
import { certificateRoutes } from './certificate.ts';
import { configRoutes } from './config.ts';
import type { ApiDeps, ServerDeps } from './deps.ts';
import { DiscoveryRun, discoveryRoutes } from './discovery.ts';
import { ApiError, answerClientError, answerError, BODY_LIMIT, brokenJson, routeNotFound } from './errors.ts';
import { Events, eventRoutes } from './events.ts';
import { exportRoutes } from './exports.ts';
import { guard } from './guardHook.ts';
import { layoutRoutes } from './layouts.ts';
import { liveRoutes } from './live/liveRoutes.ts';
import { LiveSockets } from './live/liveSockets.ts';
import { loadRoutes } from './load.ts';
import { methodNotAllowed } from './methods.ts';
import { countRequests, metricsRoutes } from './metrics.ts';
import { onvifRoutes } from './onvif.ts';
import { openApi } from './openapi.ts';
import { MOST_SAID } from './pageEvent.ts';
import { pages } from './pages.ts';
import { pictureRoutes } from './pictures.ts';
import { playbackRoutes } from './playback.ts';
import { ptzRoutes } from './ptz.ts';
import { recordRoutes } from './record.ts';
import { recordingRoutes } from './recordings.ts';
import { replayRoutes } from './replay.ts';
import { settingsRoutes } from './settings.ts';
import { streamCertificateRoutes } from './streamCertificate.ts';
import { streamRoutes } from './streams.ts';
import { systemRoutes } from './system.ts';
import { talkRoutes } from './talk.ts';
import { usbCameraRoutes } from './usbCameras.ts';
import { type Part, validator } from './validation.ts';
import { wallRoutes } from './walls.ts';

/** Milliseconds. Of requests only: an M-JPEG response lasts for months. */
const REQUEST_TIMEOUT = 30_000;
const HEADERS_TIMEOUT = 10_000;
const KEEP_ALIVE_TIMEOUT = 30_000;
const CHECKING_INTERVAL = 5_000;
const MAX_CONNECTIONS = 2_000;
const MAX_HEADER_SIZE = 16 * 1024;
/** Events sockets have so long to say goodbye when the daemon stops. */
const GOODBYE = 500;

/** The HTTP server, ready to listen. `close()` ends every connection, M-JPEG and WebSockets too. */
export function buildServer(given: ServerDeps): FastifyInstance {
  const { store, log } = given;
  const accounts = given.accounts ?? new Accounts({ store: store.accounts, log, open: true });
  const alarms = given.alarms ?? new Alarms({ store, cameras: given.cameras, log });
  const heartbeat = given.heartbeat ?? new ScreenHeartbeat();
  const unwatched = { supervisors: [], subscribe: () => () => {} };
  const records = given.records ?? new ServiceRecords({ store, cameras: unwatched, log });
  const deps: ApiDeps = { screen: () => heartbeat.state(), ...given, accounts, alarms, heartbeat, records };
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
  const requests = countRequests(app);
  guard(app, deps);

  const events = new Events(deps);
  const live = new LiveSockets({ cameras: deps.cameras, instance: events.instance, log: deps.log });
  const discovery = new DiscoveryRun(deps);
  app.register(async (instance) => {
    const api = instance as unknown as App;
    await api.register(cookie);
    // Before any route, so that none escapes it.
    accessControl(api, deps);
    await api.register(websocket, {
      options: {
        maxPayload: MOST_SAID,
        // Never a token that was offered as one.
        handleProtocols: (offered) => offered.has(LIVE_SUBPROTOCOL) && LIVE_SUBPROTOCOL,
      },
      preClose: (done) => {
        events.close();
        live.close();
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
    streamCertificateRoutes(api, deps);
    configRoutes(api, deps);
    pictureRoutes(api, deps);
    cameraPictureRoutes(api, deps);
    cameraRebootRoutes(api, deps);
    cameraRoutes(api, deps);
    ptzRoutes(api, deps);
    talkRoutes(api, deps);
    adviceRoutes(api, deps);
    recordRoutes(api, deps);
    await recordingRoutes(api, deps);
    playbackRoutes(api, deps);
    exportRoutes(api, deps);
    discoveryRoutes(api, discovery, deps);
    usbCameraRoutes(api, deps);
    onvifRoutes(api, deps);
    layoutRoutes(api, deps);
    wallRoutes(api, deps);
    replayRoutes(api, deps);
    loadRoutes(api, deps);
    settingsRoutes(api, deps);
    systemRoutes(api, deps);
    metricsRoutes(api, deps, { requests, pages: () => events.size, live });
    certificateRoutes(api, deps);
    alarmRoutes(api, deps);
    eventRoutes(api, events);
    liveRoutes(api, deps, live);
    authRoutes(api, deps);
    methods.register();
    await api.register(async (child) => {
      makePublic(child);
      await pages(child, deps.pages);
    });
  });
  app.addHook('preClose', () => discovery.close());
  app.addHook('onClose', async () => alarms.close());
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
