/** The sockets that carry pictures: GET /api/live (many tiles) and GET /api/streams/{name}/ws (one stream). */
import { type Static, Type } from 'typebox';
import { Name, Nullable, strict } from './basics.ts';
import { PictureQuery, StreamState } from './streams.ts';

/**
 * How a tile's pictures come. `mp4`: the camera's own coding in fragmented MP4, for Media Source Extensions. `annexb`: the same
 * as an Annex B byte stream, for WebCodecs. `jpeg`: decoded by the box, each picture by itself.
 */
export const LiveFormat = Type.Enum(['mp4', 'annexb', 'jpeg']);
export type LiveFormat = Static<typeof LiveFormat>;

/** Tiles of one socket. As many as a layout can have, on two screens. */
export const MOST_LIVE_TILES = 128;
export const LiveTile = Type.Integer({
  minimum: 0,
  maximum: 65_535,
  description: 'A number of your choice, one for each tile of the socket',
});

/** What a page says on the live socket. */
export const LiveRequest = Type.Union([
  /** Sends this tile's pictures from now on; a tile that is open already changes over. */
  Type.Object(
    {
      type: Type.Literal('open'),
      tile: LiveTile,
      stream: Name,
      /** The best first. What the browser does not play is left out, or refused with `unsupported`. */
      formats: Type.Array(LiveFormat, { minItems: 1, maxItems: 3, uniqueItems: true }),
      /** Bounds of JPEGs in device pixels: what the tile can show. */
      ...Type.Pick(PictureQuery, ['width', 'height', 'fps', 'quality']).properties,
    },
    strict,
  ),
  Type.Object({ type: Type.Literal('close'), tile: LiveTile }, strict),
  /** The browser plays no such codec, or stopped playing it: another format is sent. */
  Type.Object(
    { type: Type.Literal('unsupported'), tile: LiveTile, codec: Type.String({ maxLength: 64 }) },
    strict,
  ),
  /**
   * Sends the sound of that tile's camera from now on, and of no other; null: of none. `stream`: whose, where the tile is not open, or
   * shows another.
   */
  Type.Object(
    { type: Type.Literal('listen'), tile: Nullable(LiveTile), stream: Type.Optional(Name) },
    strict,
  ),
  /** How many bytes of binary messages have arrived since the socket was opened, headers included. */
  Type.Object({ type: Type.Literal('ack'), bytes: Type.Integer({ minimum: 0 }) }, strict),
  /** Nobody looks, the tab is hidden: no pictures are sent until `resume`, when each tile begins anew. Sound goes on. */
  Type.Object({ type: Type.Literal('pause') }, strict),
  Type.Object({ type: Type.Literal('resume') }, strict),
  /** Answered at once with `pong`: how far the two clocks are apart. */
  Type.Object({ type: Type.Literal('ping'), at: Type.Number() }, strict),
]);
export type LiveRequest = Static<typeof LiveRequest>;

/** Why a tile's pictures come as they do, for people who wonder. */
export const LiveReason = Type.Enum([
  /** The first of the formats that were asked for. */
  'wished',
  /** The browser said that it does not play the stream's codec. */
  'codec',
  /** The stream's codec cannot be passed through. */
  'source',
  /** The viewer's connection carries no more. */
  'bandwidth',
]);
export type LiveReason = Static<typeof LiveReason>;

/** Whether there is sound to be listened to, and why not. */
export const LiveSoundState = Type.Enum([
  'on',
  /** The stream is being opened. */
  'waiting',
  /** The camera sends none. */
  'none',
  /** The camera offers some, in a coding that is not taken, or does not give it out. */
  'unsupported',
  /** The stream cannot be opened, or was stopped: see `message`. */
  'failed',
]);
export type LiveSoundState = Static<typeof LiveSoundState>;

/** What the box says on the live socket, besides the binary messages. */
export const LiveEvent = Type.Union([
  Type.Object({
    type: Type.Literal('hello'),
    /** Of this protocol. */
    version: Type.Literal(1),
    /** Another one than before: the daemon was restarted. */
    instance: Type.String(),
    /** The box's clock, Unix milliseconds. */
    now: Type.Number(),
  }),
  /** How the tile's pictures come from now on; the binary messages that follow for it are of this `feed`. */
  Type.Object({
    type: Type.Literal('tile'),
    tile: LiveTile,
    feed: Type.Integer({ minimum: 0, maximum: 0xffff_ffff }),
    format: LiveFormat,
    /** Where the connection is slow, a smaller one of the same camera than was asked for. */
    stream: Name,
    reason: LiveReason,
  }),
  /** The state of the tile's stream, at first and on every change. */
  Type.Object({
    type: Type.Literal('state'),
    tile: LiveTile,
    stream: Name,
    state: StreamState,
    since: Type.Number({ description: 'Unix seconds' }),
    message: Nullable(Type.String()),
    /** The camera offers sound, in this stream or in another one. */
    sound: Type.Boolean(),
  }),
  /** How it is with the sound that was asked for by `listen`, at first and on every change. */
  Type.Object({
    type: Type.Literal('sound'),
    tile: LiveTile,
    /** Of the binary messages with sound that follow. */
    feed: Type.Integer({ minimum: 0, maximum: 0xffff_ffff }),
    /** Whose sound it is: that of another stream of the camera where only that has some. */
    stream: Name,
    state: LiveSoundState,
    /** RFC 6381, as the sound is sent; null until it is. */
    codec: Nullable(Type.String()),
    message: Nullable(Type.String()),
  }),
  /** The tile cannot be sent; it is closed. */
  Type.Object({
    type: Type.Literal('error'),
    tile: LiveTile,
    code: Type.String(),
    message: Type.String(),
  }),
  /** Every two seconds, and when `level` changes. */
  Type.Object({
    type: Type.Literal('pace'),
    /** What got through lately, bit/s. It says what the connection can do only where `full`. */
    bits_per_second: Type.Integer(),
    /** The connection carried all that it can. */
    full: Type.Boolean(),
    /** Milliseconds that the newest acknowledged message was under way; null: nothing was. */
    delay_ms: Nullable(Type.Number()),
    /** 0: as asked for. Then, one after the other: the small stream, 5 JPEGs a second, 2, half the size, low quality. */
    level: Type.Integer({ minimum: 0, maximum: 5 }),
    /** Pictures that this viewer was not sent. */
    dropped: Type.Integer(),
  }),
  Type.Object({ type: Type.Literal('pong'), at: Type.Number(), now: Type.Number() }),
]);
export type LiveEvent = Static<typeof LiveEvent>;
