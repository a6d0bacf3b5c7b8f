/** What the wall showed at some time. Times are Unix seconds. */
import { type Static, Type } from 'typebox';
import { Name, Nullable, strict } from './basics.ts';

/** As the wall writes it over the tile; `live` and `empty` have nothing over them. */
export const ShownState = Type.Enum([
  'empty',
  'unknown',
  'noStream',
  'noConnection',
  'connecting',
  'live',
  'late',
  'frozen',
  'unchanged',
  'notPainted',
  'unreachable',
  'stopped',
  'refused',
  'unsupported',
  'busy',
  'gone',
  'ended',
]);
export type ShownState = Static<typeof ShownState>;

const Unit = Type.Number({ minimum: 0, maximum: 1 });

export const ShownTile = Type.Object(
  { x: Unit, y: Unit, width: Unit, height: Unit, camera: Nullable(Name), state: ShownState },
  { ...strict, description: 'In unit coordinates of the screen' },
);
export type ShownTile = Static<typeof ShownTile>;

export const ShownWall = Type.Object({
  /** null: every camera in an even grid, or a dark screen. */
  layout: Nullable(Name),
  tiles: Type.Array(ShownTile, { maxItems: 128, description: 'None: the screen was dark' }),
});
export type ShownWall = Static<typeof ShownWall>;

export const WallReplay = Type.Interface([ShownWall], {
  at: Type.Number({ description: 'Unix seconds: asked for' }),
  since: Type.Number({ description: 'Unix seconds from which on it was so' }),
  until: Nullable(Type.Number({ description: 'Unix seconds; null: it is so still' })),
});
export type WallReplay = Static<typeof WallReplay>;

export const WallChanges = Type.Object({
  changes: Type.Array(Type.Object({ at: Type.Number(), layout: Nullable(Name) }), {
    description: 'When a layout, a camera or a state became another one; in their order',
  }),
});
export type WallChanges = Static<typeof WallChanges>;
