import { Type } from 'typebox';
import { ScreenNumber, WallChanges, WallReplay } from '../schema.ts';
import { type App, described, failures } from './app.ts';
import type { ApiDeps } from './deps.ts';
import { checkRange } from './playback.ts';

const tags = ['wall'];
const DAY = 86_400;
const Time = Type.Number({ minimum: 0, maximum: 1e10, description: 'Unix seconds' });
const ReplayQuery = Type.Object(
  { screen: Type.Optional(ScreenNumber), at: Time },
  { additionalProperties: false },
);
const ChangesQuery = Type.Object(
  { screen: Type.Optional(ScreenNumber), from: Time, to: Time },
  { additionalProperties: false },
);

/** What the box's screens showed: kept for thirty days. */
export function replayRoutes(app: App, deps: ApiDeps): void {
  const { replays } = deps;
  if (!replays) return;

  app.get(
    '/api/wall/replay',
    {
      schema: {
        tags,
        summary: 'What a screen showed at a time',
        description:
          'The layout, and camera and state of each tile, as the screen itself told it. Kept for 30 days.',
        querystring: ReplayQuery,
        response: { 200: described(WallReplay, 'What it showed'), ...failures(400, 404) },
      },
    },
    async ({ query: { screen = 1, at } }) => replays.at(screen, at),
  );

  app.get(
    '/api/wall/replay/changes',
    {
      schema: {
        tags,
        summary: 'When a screen showed something else',
        description: 'The first ten thousand changes, of at most 32 days.',
        querystring: ChangesQuery,
        response: { 200: described(WallChanges, 'In their order'), ...failures(400) },
      },
    },
    async ({ query: { screen = 1, from, to } }) => {
      checkRange(from, to, 32 * DAY);
      return { changes: replays.changes(screen, from, to) };
    },
  );
}
