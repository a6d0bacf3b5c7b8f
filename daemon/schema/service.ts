/** A camera’s service: moving it, its record, what is wrong with its set-up. */
import { type Static, Type } from 'typebox';
import { Name, Nullable, strict } from './basics.ts';

// ── PTZ ──

const Speed = Type.Number({ minimum: -1, maximum: 1 });
const Zoom = Type.Number({ minimum: 0, maximum: 1 });
export const PtzCommand = Type.Union([
  /** Moves until `stop`, at most `seconds`: the camera is stopped by us when the caller vanishes. Send it again to go on. */
  Type.Object(
    {
      action: Type.Literal('move'),
      pan: Type.Optional(Speed),
      tilt: Type.Optional(Speed),
      zoom: Type.Optional(Speed),
      seconds: Type.Optional(Type.Number({ minimum: 0.1, maximum: 10, default: 2 })),
    },
    strict,
  ),
  /** To a place: -1 and 1 are the ends of pan and tilt, 0 and 1 those of zoom. What is left out stays as it is. */
  Type.Object(
    {
      action: Type.Literal('absolute_move'),
      pan: Type.Optional(Speed),
      tilt: Type.Optional(Speed),
      zoom: Type.Optional(Zoom),
    },
    strict,
  ),
  /** By a part of what the camera moves at once: mostly all that it can. */
  Type.Object(
    {
      action: Type.Literal('relative_move'),
      pan: Type.Optional(Speed),
      tilt: Type.Optional(Speed),
      zoom: Type.Optional(Speed),
    },
    strict,
  ),
  Type.Object({ action: Type.Literal('stop') }, strict),
  Type.Object({ action: Type.Literal('home') }, strict),
  Type.Object(
    { action: Type.Literal('preset'), preset: Type.String({ minLength: 1, maxLength: 64 }) },
    strict,
  ),
  Type.Object(
    { action: Type.Literal('set_preset'), name: Type.String({ minLength: 1, maxLength: 64 }) },
    strict,
  ),
  Type.Object(
    { action: Type.Literal('remove_preset'), preset: Type.String({ minLength: 1, maxLength: 64 }) },
    strict,
  ),
]);
export type PtzCommand = Static<typeof PtzCommand>;

/** Where it looks, in the numbers of `absolute_move`; null: the camera does not tell. */
export const PtzPosition = Type.Object({
  pan: Nullable(Type.Number()),
  tilt: Nullable(Type.Number()),
  zoom: Nullable(Type.Number()),
});
export type PtzPosition = Static<typeof PtzPosition>;

export const Ptz = Type.Object({
  supported: Type.Boolean(),
  home: Type.Boolean(),
  absolute: Type.Boolean({ description: 'It takes `absolute_move`' }),
  relative: Type.Boolean({ description: 'It takes `relative_move`' }),
  position: Nullable(PtzPosition),
  presets: Type.Array(Type.Object({ preset: Type.String(), name: Type.String() })),
});
export type Ptz = Static<typeof Ptz>;

// ── service record ──

export const ServiceDay = Type.Object({
  day: Type.String({ description: 'YYYY-MM-DD in the box’s time zone' }),
  /** Seconds in which somebody wanted pictures, and in which there were some. */
  wanted_seconds: Type.Number(),
  live_seconds: Type.Number(),
  /** Of the wanted ones, those without any picture because of an error; the rest is the time that opening takes. */
  stalled_seconds: Type.Number(),
  connects: Type.Integer(),
  /** Times that the picture did not change although it should have, and that a page did not paint what it was sent. */
  unchanged: Type.Integer(),
  repairs: Type.Integer(),
});
export const ServiceRecord = Type.Object({
  camera: Name,
  days: Type.Array(ServiceDay, { description: 'The newest first; 30 at most' }),
  uptime_percent: Nullable(Type.Number({ description: 'live ÷ wanted over all days' })),
  errors: Type.Array(
    Type.Object({ time: Type.Number(), stream: Nullable(Name), code: Type.String(), message: Type.String() }),
    { description: 'The newest first; 50 at most' },
  ),
});
export type ServiceDay = Static<typeof ServiceDay>;
export type ServiceRecord = Static<typeof ServiceRecord>;

// ── commissioning ──

export const FindingCode = Type.Enum([
  'gop_long',
  'no_sub_stream',
  'sub_stream_large',
  'sub_stream_codec',
  'codec_unsupported',
  'fps_low',
  'clock_wrong',
  'smart_codec',
  'sessions_few',
]);
export type FindingCode = Static<typeof FindingCode>;
export const Finding = Type.Object({
  code: FindingCode,
  stream: Nullable(Name),
  severity: Type.Enum(['hint', 'warning']),
  /** What was seen and what is right for a wall, as numbers for the page’s sentence. */
  seen: Nullable(Type.String()),
  wanted: Nullable(Type.String()),
  message: Type.String({ description: 'One English sentence' }),
  fixable: Type.Boolean({ description: 'POST …/fix can set it over ONVIF' }),
});
export type Finding = Static<typeof Finding>;
export const MeasuredStream = Type.Object({
  name: Name,
  codec: Nullable(Type.String()),
  width: Nullable(Type.Integer()),
  height: Nullable(Type.Integer()),
  fps: Nullable(Type.Number()),
  bitrate: Nullable(Type.Number({ description: 'Bits a second, over whole groups of pictures' })),
  key_frame_interval: Nullable(Type.Number({ description: 'Seconds' })),
  first_picture: Nullable(
    Type.Number({ description: 'Seconds from asking to the first picture; null: somebody had it open' }),
  ),
});
export type MeasuredStream = Static<typeof MeasuredStream>;

export const SessionCount = Type.Object({
  stream: Name,
  granted: Type.Integer({ description: 'At once, with those that the box had open' }),
  end: Type.Enum(['enough', 'refused', 'displaced'], {
    description:
      'enough: it may grant more, no more were asked for · refused: it refuses the next · displaced: it ends one for the next',
  }),
  time: Type.Number(),
});
export type SessionCount = Static<typeof SessionCount>;

export const Advice = Type.Object({
  camera: Name,
  state: Type.Enum(['never', 'running', 'done', 'failed']),
  time: Nullable(Type.Number()),
  findings: Type.Array(Finding),
  streams: Type.Array(MeasuredStream, { description: 'What was measured' }),
  clock_skew: Nullable(Type.Number({ description: 'Seconds that the camera’s clock is ahead of the box’s' })),
  sessions: Nullable(SessionCount),
  message: Nullable(Type.String()),
});
export type Advice = Static<typeof Advice>;
export const MeasureQuery = Type.Object(
  {
    sessions: Type.Optional(
      Type.Boolean({
        description:
          'Also count how many sessions the camera grants at once, at most four beside the box’s own. A few cameras end one of ' +
          'them for the next: the wall may lose its picture for some seconds',
      }),
    ),
  },
  strict,
);
export const FixRequest = Type.Object(
  { findings: Type.Array(FindingCode, { minItems: 1, maxItems: 16, uniqueItems: true }) },
  strict,
);
export type FixRequest = Static<typeof FixRequest>;
export const FixResult = Type.Object({
  changes: Type.Array(
    Type.Object({
      stream: Nullable(Name),
      what: Type.String({ examples: ['gop', 'fps', 'size', 'codec'] }),
      before: Nullable(Type.String()),
      after: Nullable(Type.String()),
    }),
  ),
  failed: Type.Array(Type.Object({ code: FindingCode, message: Type.String() })),
  advice: Advice,
});
export type FixResult = Static<typeof FixResult>;
