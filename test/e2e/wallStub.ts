import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Page, WebSocketRoute } from 'playwright-core';
import type {
  Alarm,
  AlarmRules,
  Camera,
  Layout,
  Pairing,
  ProvisionReport,
  Ptz,
  ServerEvent,
  Session,
  Settings,
  SteppedDown,
  StreamState,
  Update,
  Wall,
} from '../../daemon/schema.ts';

const DIST = join(import.meta.dirname, '../../kiosk-ui/dist');
/** Nothing listens there: every request is answered here. */
export const STUB_URL = 'http://127.0.0.1:9/';

/** What a daemon would say, for states of the wall that a real one cannot be brought into at will. */
export interface StubDaemon {
  session: Session;
  settings: Settings;
  pairing: Pairing | undefined;
  cameras: Camera[];
  layouts: Layout[];
  wall: Wall;
  streams: Map<string, { state: StreamState; since: number; message: string | null }>;
  /** By stream: how old the last picture is and how long it has been the same, milliseconds; null: none was sent. */
  pictures: Map<string, { age: number | null; unchanged: number | null }>;
  alarms: Alarm[];
  steppedDown: SteppedDown | null;
  rules: AlarmRules;
  ptz: Ptz;
  update: Update;
  report: ProvisionReport | null;
  /** When the last pictures were taken, Unix seconds, by camera. */
  stills: Map<string, number>;
  /** Streams whose pictures never come. */
  silent: Set<string>;
  /** Every request that changed something: method, path and body. */
  readonly requests: { method: string; path: string; body: unknown }[];
  /** What the page said on the socket. */
  readonly said: unknown[];
  /** Sends one event to the page. */
  tell(event: ServerEvent): void;
  /** Sends the streams’ states and alarms as they are now. */
  refresh(): void;
  /** The socket dies and does not come back. */
  down: boolean;
}

/** A camera with a main and a sub stream. */
export function stubCamera(id: string, name: string, more: Partial<Camera> = {}): Camera {
  const stream = (profile: string, width: number, height: number): Camera['streams'][number] => ({
    name: `${id}_${profile}`,
    profile,
    rtsp_url: `rtsp://192.0.2.1/${id}/${profile}`,
    state: 'live',
    codec: 'h264',
    width,
    height,
    fps: 15,
  });
  return {
    id,
    name,
    address: null,
    username: null,
    has_password: false,
    manufacturer: null,
    model: null,
    firmware: null,
    serial: null,
    ptz: false,
    audio: false,
    recording: false,
    last_picture: null,
    streams: [stream('main', 1280, 720), stream('sub', 640, 360)],
    ...more,
  };
}

/** Serves the built page to that browser page from a daemon that is not there. Each picture is one of `jpegs`, in turn. */
export async function stubDaemon(page: Page, jpegs: readonly Buffer[]): Promise<StubDaemon> {
  const sockets = new Set<{ route: WebSocketRoute; page: string }>();
  const viewers = new Map<string, string>();
  const stub: StubDaemon = {
    session: {
      auth_required: false,
      paired: true,
      kind: 'open',
      user: null,
      role: 'admin',
      ticket: null,
    },
    settings: {
      name: 'Front desk',
      time_zone: 'Asia/Taipei',
      language: null,
      setup_done: true,
      wall_clock: true,
      wall_names: true,
      wall_recording_mark: false,
      wall_audio_mark: false,
      wall_alarm_sound: false,
      viewers_ptz: true,
      viewers_talk: false,
      unchanged_seconds: 5,
    },
    pairing: undefined,
    cameras: [],
    layouts: [],
    wall: { sequence: [] },
    streams: new Map(),
    pictures: new Map(),
    alarms: [],
    steppedDown: null,
    rules: { enabled: true, rules: [], minimum_focus_seconds: 5, quiet_seconds: 0 },
    ptz: { supported: true, home: true, absolute: true, relative: true, position: null, presets: [] },
    update: {
      supported: false,
      version: '0',
      available: null,
      checked: null,
      state: 'idle',
      progress: null,
      message: null,
      source: null,
      rolled_back: null,
    },
    report: null,
    stills: new Map(),
    silent: new Set(),
    requests: [],
    said: [],
    down: false,
    tell(event) {
      for (const { route } of sockets) route.send(JSON.stringify(event));
    },
    refresh() {
      stub.tell(streamsOf(stub));
      stub.tell({ type: 'alarms', alarms: stub.alarms, rules: stub.rules });
    },
  };
  const pictures = () => ({
    type: 'pictures' as const,
    pictures: [...viewers].map(([viewer, stream]) => {
      const report = stub.pictures.get(stream) ?? { age: 80, unchanged: null };
      return { viewer, stream, age_ms: report.age, sent: 1, dropped: 0, unchanged_ms: report.unchanged };
    }),
    stepped_down: stub.steppedDown,
  });
  const timer = setInterval(() => stub.tell(pictures()), 500);
  page.once('close', () => clearInterval(timer));

  await page.routeWebSocket(/\/api\/events/, (route) => {
    if (stub.down) {
      route.close({ code: 1012 });
      return;
    }
    const entry = { route, page: new URL(route.url()).searchParams.get('page') ?? '' };
    sockets.add(entry);
    route.onClose(() => sockets.delete(entry));
    route.onMessage((message) => stub.said.push(JSON.parse(String(message))));
    route.send(JSON.stringify({ type: 'hello', instance: 'stub', version: '0' }));
    route.send(JSON.stringify(streamsOf(stub)));
    route.send(JSON.stringify({ type: 'alarms', alarms: stub.alarms, rules: stub.rules }));
  });
  await page.route(/^http:\/\/127\.0\.0\.\d+:9\//, async (route) => {
    const request = route.request();
    const url = new URL(request.url());
    const method = request.method();
    const path = url.pathname;
    const headers = { 'access-control-allow-origin': '*' };
    const json = (body: unknown, status = 200) =>
      route.fulfill({ status, headers, contentType: 'application/json', body: JSON.stringify(body) });
    if (method !== 'GET') {
      stub.requests.push({ method, path, body: request.postDataJSON() });
      return route.fulfill({ status: 204, headers });
    }
    const picture = /^\/api\/streams\/(.+)\/mjpeg$/.exec(path)?.[1];
    if (picture !== undefined) {
      viewers.set(url.searchParams.get('viewer') ?? '', picture);
      if (stub.silent.has(picture)) return; // for ever
      const body = jpegs[stub.cameras.findIndex(({ id }) => picture.startsWith(`${id}_`)) % jpegs.length];
      return route.fulfill({ contentType: 'image/jpeg', headers, body: body ?? '' });
    }
    const [, camera, what] = /^\/api\/cameras\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
    if (what === 'last.jpg') {
      const time = stub.stills.get(camera ?? '');
      if (time === undefined) return json({ error: { code: 'no_picture', message: '' } }, 404);
      const stillHeaders = { ...headers, 'x-picture-time': String(time) };
      return route.fulfill({ contentType: 'image/jpeg', headers: stillHeaders, body: jpegs[0] ?? '' });
    }
    if (what === 'ptz') return json(stub.ptz);
    if (path === '/api/pairing/qr.svg') {
      const squares = Array.from({ length: 220 }, (_, i) => `M${(i * 7) % 29} ${(i * 13) % 29}h1v1h-1z`);
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29"><path d="${squares.join('')}"/></svg>`;
      return route.fulfill({ contentType: 'image/svg+xml', body: svg });
    }
    const layout = /^\/api\/layouts\/(.+)$/.exec(path)?.[1];
    if (layout !== undefined) return json(stub.layouts.find(({ name }) => name === layout));
    const answers: Record<string, unknown> = {
      '/api/session': stub.session,
      '/api/settings': stub.settings,
      '/api/pairing': stub.pairing,
      '/api/cameras': { cameras: stub.cameras },
      '/api/wall': stub.wall,
      '/api/walls': { total: 1, walls: [{ screen: 1, own: true, wall: stub.wall }] },
      '/api/health': { status: 'ok', message: '', version: '0' },
      '/api/system/update': stub.update,
      '/api/system/provisioning': { report: stub.report, age: stub.report && 0 },
      '/api/system': { addresses: [{ interface: 'eth0', address: '192.0.2.40' }] },
    };
    if (path in answers) {
      const answer = answers[path];
      return answer === undefined ? json({ error: { code: 'not_found', message: '' } }, 404) : json(answer);
    }
    const file = path === '/' ? 'index.html' : path.slice(1);
    const types: Record<string, string> = {
      '.js': 'text/javascript',
      '.css': 'text/css',
      '.html': 'text/html',
    };
    return route.fulfill({
      contentType: types[extname(file)] ?? 'text/plain',
      body: await readFile(join(DIST, file)),
    });
  });
  return stub;
}

function streamsOf(stub: StubDaemon): ServerEvent {
  const streams = stub.cameras.flatMap((camera) =>
    camera.streams.map(({ name }) => {
      const known = stub.streams.get(name) ?? { state: 'live' as const, since: 0, message: null };
      return { name, camera: camera.id, ...known };
    }),
  );
  return { type: 'streams', streams };
}
