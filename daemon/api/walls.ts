import { Type } from 'typebox';
import { ScreenNumber, type ScreenWall, ScreenWallList, Wall } from '../schema.ts';
import { type App, described, failures, Nothing } from './app.ts';
import { audit } from './audit.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';

const tags = ['wall'];
const FIRST = 1;
const ScreenParams = Type.Object({ screen: ScreenNumber });

/** Names of all layouts that some screen shows at some hour. */
export function layoutsOnWalls(store: ApiDeps['store']): Set<string> {
  const walls = [store.wall(), ...store.screenWalls.all().map(({ wall }) => wall)];
  return new Set(walls.flatMap(namesIn));
}

function namesIn({ sequence, schedule = [] }: Wall): string[] {
  return [sequence, ...schedule.map((entry) => entry.sequence)].flat().map(({ layout }) => layout);
}

/** What each of the box's screens shows. Pages are told to read it again. */
export function wallRoutes(app: App, deps: ApiDeps): void {
  const { store } = deps;

  app.get(
    '/api/wall',
    {
      schema: {
        tags,
        summary: 'What the screen shows: the first, where there are several',
        response: {
          200: described(Wall, 'Layouts in turn; empty: every camera in an even grid'),
          ...failures(503),
        },
      },
    },
    async () => store.wall(),
  );

  app.put(
    '/api/wall',
    {
      schema: {
        tags,
        summary: 'Change what the screen shows',
        body: Wall,
        response: { 200: described(Wall, 'Changed and saved'), ...failures(400, 413, 415, 503) },
      },
    },
    async (request) => {
      checkLayouts(request.body, store);
      store.putWall(request.body);
      changed(request, FIRST, request.body);
      return request.body;
    },
  );

  app.get(
    '/api/walls',
    {
      schema: {
        tags,
        summary: 'What all screens show',
        description:
          'Screen 1, those that have a programme of their own, and those that have been seen since the daemon began.',
        response: { 200: described(ScreenWallList, 'By number'), ...failures(503) },
      },
    },
    async () => {
      const own = new Map(store.screenWalls.all().map(({ screen, wall }) => [screen, wall]));
      const seen = deps.heartbeat.screens().map(({ screen }) => screen);
      const screens = [...new Set([FIRST, ...own.keys(), ...seen])].sort((a, b) => a - b);
      const first = store.wall();
      const walls = screens.map(
        (screen): ScreenWall => ({
          screen,
          own: screen === FIRST || own.has(screen),
          wall: own.get(screen) ?? first,
        }),
      );
      return { total: walls.length, walls };
    },
  );

  app.get(
    '/api/walls/:screen',
    {
      schema: {
        tags,
        summary: 'What one of several screens shows',
        description: 'A screen without a programme of its own shows what screen 1 shows.',
        params: ScreenParams,
        response: { 200: described(Wall, 'Its own programme, or that of screen 1'), ...failures(400, 503) },
      },
    },
    async ({ params: { screen } }) =>
      (screen === FIRST ? undefined : store.screenWalls.get(screen)) ?? store.wall(),
  );

  app.put(
    '/api/walls/:screen',
    {
      schema: {
        tags,
        summary: 'Give a screen a programme of its own, or change it',
        description: 'Of screen 1: as PUT /api/wall.',
        params: ScreenParams,
        body: Wall,
        response: { 200: described(Wall, 'Changed and saved'), ...failures(400, 413, 415, 503) },
      },
    },
    async (request) => {
      const { body, params } = request;
      checkLayouts(body, store);
      if (params.screen === FIRST) store.putWall(body);
      else store.screenWalls.put(params.screen, body);
      changed(request, params.screen, body);
      return body;
    },
  );

  app.delete(
    '/api/walls/:screen',
    {
      schema: {
        tags,
        summary: 'Let a screen show what screen 1 shows',
        params: ScreenParams,
        response: { 204: Nothing, ...failures(400, 404, 409, 503) },
      },
    },
    async (request, reply) => {
      const { screen } = request.params;
      if (screen === FIRST) {
        const message = 'Screen 1 is the one that the others follow. Change it with PUT /api/wall.';
        throw new ApiError(409, 'first_screen', message);
      }
      if (!store.screenWalls.remove(screen)) {
        const message = `Screen ${screen} has no programme of its own: it shows what screen 1 shows.`;
        throw new ApiError(404, 'wall_not_found', message);
      }
      changed(request, screen);
      return reply.code(204).send(null);
    },
  );

  function changed(request: Parameters<typeof audit>[1], screen: number, wall?: Wall): void {
    const detail = wall ? wall.sequence.map((item) => item.layout).join(', ') : 'as screen 1';
    audit(deps, request, 'wall.change', screen === FIRST ? null : `screen ${screen}`, detail);
    deps.cameras.announce({ type: 'changed', what: 'wall' });
  }
}

function checkLayouts(wall: Wall, store: ApiDeps['store']): void {
  const missing = namesIn(wall).find((name) => !store.layout(name));
  if (missing === undefined) return;
  const known = store.layouts().map(({ name }) => name);
  throw new ApiError(400, 'unknown_layout', `There is no layout ${missing}. ${listed('Layouts', known)}`);
}

/** “Layouts: day, night.” */
export function listed(what: string, names: string[]): string {
  if (names.length === 0) return `There are no ${what.toLowerCase()} yet.`;
  return `${what}: ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}.`;
}
