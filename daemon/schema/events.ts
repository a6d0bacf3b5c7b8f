/** The events socket: GET /api/events?page=ID (WebSocket, JSON). */
import { type Static, Type } from 'typebox';
import { Alarm, AlarmRules } from './alarms.ts';
import { Name, Nullable, strict } from './basics.ts';
import { MOST_SCREENS, ScreenNumber } from './layouts.ts';
import { ShownTile } from './replay.ts';
import { StreamState } from './streams.ts';
import { SteppedDown } from './system.ts';

export const ServerEvent = Type.Union([
  /** First message. Another `instance` than before means that the daemon was restarted: open every picture again. */
  Type.Object({ type: Type.Literal('hello'), instance: Type.String(), version: Type.String() }),
  /** All streams on connecting, then those whose state changed. */
  Type.Object({
    type: Type.Literal('streams'),
    streams: Type.Array(
      Type.Object({
        name: Name,
        camera: Name,
        state: StreamState,
        since: Type.Number({ description: 'Unix seconds' }),
        message: Nullable(Type.String()),
      }),
    ),
  }),
  /** Twice a second, for the page’s own tiles (`viewer=page.tile` of the picture’s URL). */
  Type.Object({
    type: Type.Literal('pictures'),
    pictures: Type.Array(
      Type.Object({
        viewer: Type.String(),
        stream: Name,
        age_ms: Nullable(Type.Number({ description: 'Age of the last picture written; null: none yet' })),
        sent: Type.Integer(),
        dropped: Type.Integer(),
        /** For how long every picture was the very same, to the byte; null: no picture yet. */
        unchanged_ms: Nullable(Type.Number()),
      }),
    ),
    stepped_down: Nullable(SteppedDown),
  }),
  /** Read it again. */
  Type.Object({
    type: Type.Literal('changed'),
    what: Type.Enum(['cameras', 'layouts', 'wall', 'settings', 'session', 'update', 'provisioning']),
  }),
  /** All active alarms, on connecting and whenever one begins, changes or ends. */
  Type.Object({ type: Type.Literal('alarms'), alarms: Type.Array(Alarm), rules: AlarmRules }),
  /** The page paints something else than it is sent: do this. */
  Type.Object({
    type: Type.Literal('repair'),
    viewer: Nullable(Type.String()),
    action: Type.Enum(['reopen', 'reload']),
  }),
]);
export type ServerEvent = Static<typeof ServerEvent>;

/** What a page says on the events socket. */
export const PageEvent = Type.Union([
  /**
   * Once a second: what each of the page’s tiles really paints, read back from the screen’s pixels. The box’s own screen
   * proves with it that it is alive.
   */
  Type.Object(
    {
      type: Type.Literal('painted'),
      tiles: Type.Array(
        Type.Object(
          {
            viewer: Type.String({ maxLength: 80 }),
            /** Of a sample of the pixels; null: nothing is painted. */
            hash: Nullable(Type.Integer()),
            /** Milliseconds since that hash last changed. */
            same_ms: Type.Number({ minimum: 0 }),
          },
          strict,
        ),
        { maxItems: 128 },
      ),
      /** Bytes of the page’s JavaScript heap, where the browser tells. */
      heap: Type.Optional(Nullable(Type.Integer())),
      visible: Type.Boolean(),
      /** Only the box’s own screens: which of them are to be dark now, and how often this page has turned to another layout. */
      dark: Type.Optional(Type.Array(ScreenNumber, { maxItems: MOST_SCREENS, uniqueItems: true })),
      turns: Type.Optional(Type.Integer({ minimum: 0 })),
    },
    strict,
  ),
  /** What is on the screen: on every change, at most once a second, and every twenty seconds. Only the box’s own screens are listened to. */
  Type.Object(
    {
      type: Type.Literal('shown'),
      layout: Nullable(Name),
      tiles: Type.Array(ShownTile, { maxItems: 128 }),
    },
    strict,
  ),
]);
export type PageEvent = Static<typeof PageEvent>;
