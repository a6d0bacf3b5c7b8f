/** How much of this very box a layout takes: a measured budget, and a layout’s cost against it. */
import { type Static, Type } from 'typebox';
import { Name, Nullable, strict } from './basics.ts';
import { LayoutBody } from './layouts.ts';

/** Measured by decoding known clips on this machine with the decoder that the wall uses. */
export const Benchmark = Type.Object({
  state: Type.Enum(['never', 'running', 'done', 'failed']),
  progress: Type.Number({ description: '0 to 1' }),
  time: Nullable(Type.Number({ description: 'Unix seconds of the result' })),
  decoder: Nullable(Type.String()),
  cores: Type.Integer(),
  /** Millions of source pixels (width × height × pictures) per second that all cores together decode. */
  decode_megapixels: Nullable(Type.Number()),
  /** Millions of output pixels per second that all cores together scale and compress to JPEG. */
  encode_megapixels: Nullable(Type.Number()),
  message: Nullable(Type.String()),
});
export type Benchmark = Static<typeof Benchmark>;

export const LoadQuestion = Type.Object(
  {
    layout: LayoutBody,
    screen: Type.Optional(
      Type.Object(
        {
          width: Type.Integer({ minimum: 16, maximum: 7680 }),
          height: Type.Integer({ minimum: 16, maximum: 7680 }),
        },
        strict,
      ),
    ),
  },
  strict,
);
export type LoadQuestion = Static<typeof LoadQuestion>;

export const Load = Type.Object({
  /** Of the budget; above 100 pictures are left out. Null: not measured yet. */
  percent: Nullable(Type.Number()),
  tiles: Type.Array(
    Type.Object({
      index: Type.Integer(),
      /** The dearest camera of the tile’s rotation. */
      camera: Nullable(Name),
      stream: Nullable(Name),
      percent: Nullable(Type.Number()),
      fps: Nullable(Type.Number({ description: 'Of the stream' })),
      /** What it will run at, where the budget does not suffice. */
      limited_fps: Nullable(Type.Number()),
      assumed: Type.Boolean({
        description:
          'Size or rate of the stream is not known yet: 1920×1080 at 25 is assumed for a main stream, 640×360 at 15 for others',
      }),
    }),
  ),
});
export type Load = Static<typeof Load>;
