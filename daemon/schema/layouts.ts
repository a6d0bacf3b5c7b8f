/** Layouts and the wall. */
import { type Static, Type } from 'typebox';
import { Name, strict } from './basics.ts';

const Unit = Type.Number({ minimum: 0, maximum: 1 });

export const Tile = Type.Object(
  {
    x: Unit,
    y: Unit,
    width: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
    height: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
    cameras: Type.Array(Name, {
      maxItems: 64,
      description: 'One camera, or several that take turns; none: empty tile',
    }),
    dwell_seconds: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 86_400,
        description: 'How long each of several cameras stays; default 10',
      }),
    ),
    fit: Type.Optional(Type.Union([Type.Literal('contain'), Type.Literal('cover'), Type.Literal('fill')])),
    stream: Type.Optional(
      Type.Enum(['auto', 'main', 'sub'], { description: 'auto (default): the smallest that fits the tile' }),
    ),
  },
  strict,
);
export type Tile = Static<typeof Tile>;

const Orientation = Type.Enum(['landscape', 'portrait'], {
  description: 'Of the screen that it was made for; default landscape',
});

export const LayoutBody = Type.Object(
  {
    tiles: Type.Array(Tile, {
      maxItems: 64,
      description: 'In unit coordinates; tiles may not leave the screen',
    }),
    orientation: Type.Optional(Orientation),
  },
  strict,
);
export type LayoutBody = Static<typeof LayoutBody>;

export const Layout = Type.Object({
  name: Name,
  tiles: Type.Array(Tile),
  orientation: Type.Optional(Orientation),
});
export type Layout = Static<typeof Layout>;

const Sequence = Type.Array(
  Type.Object(
    { layout: Name, dwell_seconds: Type.Number({ minimum: 1, maximum: 86_400, default: 30 }) },
    strict,
  ),
  { maxItems: 64, description: 'Layouts in turn. Empty: every camera in an even grid' },
);

/** ISO 8601: 1 is Monday. */
const Days = Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), {
  minItems: 1,
  maxItems: 7,
  uniqueItems: true,
});
const TimeOfDay = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$', examples: ['08:30'] });
/** In the box’s time zone. `to` not later than `from`: until that time on the next day. */
const Hours = { days: Days, from: TimeOfDay, to: TimeOfDay };

export const Wall = Type.Object(
  {
    sequence: Sequence,
    schedule: Type.Optional(
      Type.Array(Type.Object({ ...Hours, sequence: Sequence }, strict), {
        maxItems: 64,
        description: 'Another sequence at these hours; the first entry that fits decides',
      }),
    ),
    screen_off: Type.Optional(
      Type.Array(Type.Object(Hours, strict), {
        maxItems: 64,
        description:
          'Hours in which the screen is dark and nothing is decoded for it; an alarm still wakes it',
      }),
    ),
  },
  strict,
);
export type Wall = Static<typeof Wall>;

/** Outputs of the box that a wall may be shown on. */
export const MOST_SCREENS = 4;
export const ScreenNumber = Type.Integer({
  minimum: 1,
  maximum: MOST_SCREENS,
  description: 'Which of the box’s screens; 1 is the first',
});

/** By the number of the screen, the first one’s is elsewhere. */
export const FurtherWalls = Type.Partial(
  Type.Object(
    { 2: Wall, 3: Wall, 4: Wall },
    {
      ...strict,
      description: 'Of the second and every further screen; one that is left out shows what the first shows',
    },
  ),
  strict,
);
export type FurtherWalls = Static<typeof FurtherWalls>;

export const ScreenWall = Type.Object({
  screen: ScreenNumber,
  own: Type.Boolean({ description: 'false: it shows what screen 1 shows' }),
  wall: Wall,
});
export type ScreenWall = Static<typeof ScreenWall>;
export const ScreenWallList = Type.Object({ total: Type.Integer(), walls: Type.Array(ScreenWall) });
export type ScreenWallList = Static<typeof ScreenWallList>;
