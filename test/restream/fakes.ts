/** A stream and a client's connection, without network: what the server's pure part stands on in tests. */
import assert from 'node:assert/strict';
import pino from 'pino';
import type { AudioParameters } from '../../daemon/frame.ts';
import { parseRtp } from '../../daemon/ingest/rtp.ts';
import { toAnnexB } from '../../daemon/nal/annexB.ts';
import type { Peer } from '../../daemon/restream/outlet.ts';
import { type ConnectionOptions, RestreamConnection } from '../../daemon/restream/restreamConnection.ts';
import type { SoundPart, StreamPart, Streams, StreamViewer } from '../../daemon/restream/streams.ts';
import { RtspDemuxer } from '../../daemon/rtsp/rtspDemuxer.ts';
import type { RtspResponse } from '../../daemon/rtsp/rtspMessage.ts';
import { idr, PPS, SPS, slice } from '../ingest/rtpPackets.ts';

/** One stream, `door`, whose pictures the test sends; with `resting` it brings none by itself. */
export class FakeStreams implements Streams {
  readonly viewers = new Set<StreamViewer>();
  #group: StreamPart[] = [];
  #time = 1_000;
  opened = 0;
  /** What comes with the pictures of `door`. */
  audio: AudioParameters | undefined;

  constructor({ resting = false }: { resting?: boolean } = {}) {
    if (!resting) for (const key of [true, false, false]) this.picture(key);
  }

  open(stream: string, viewer: StreamViewer): () => void {
    if (stream === 'stopped') throw Object.assign(new Error('stopped'), { status: 409 });
    if (stream !== 'door') throw Object.assign(new Error('unknown'), { status: 404 });
    this.opened++;
    this.viewers.add(viewer);
    for (const part of this.#group) viewer.offer(part);
    return () => this.viewers.delete(viewer);
  }

  sound(): AudioParameters | undefined {
    return this.audio;
  }

  hear(part: SoundPart): void {
    for (const viewer of [...this.viewers]) viewer.hear?.(part);
  }

  /** The next picture, 40 ms after the last. */
  picture(key: boolean, size = 0, codec = 'avc1.640033'): StreamPart {
    this.#time += 40;
    const filling = Buffer.alloc(size, 0xa5);
    const coded = Buffer.concat([key ? idr() : slice(), filling]);
    const data = toAnnexB(key ? [SPS, PPS, coded] : [coded]);
    const part: StreamPart = { kind: 'picture', data, codec, key, time: this.#time };
    this.#group = key ? [part] : [...this.#group, part];
    for (const viewer of [...this.viewers]) viewer.offer(part);
    return part;
  }

  end(): void {
    for (const viewer of [...this.viewers]) viewer.end();
  }
}

/** A client that writes requests and reads what comes; `stuck`: it takes nothing. */
export class FakeClient implements Peer {
  readonly address = '10.0.0.9';
  readonly localAddress = '10.0.0.1';
  readonly connection: RestreamConnection;
  readonly responses: RtspResponse[] = [];
  readonly frames: { channel: number; payload: Buffer }[] = [];
  /** Answers and frames in the order in which they came. */
  readonly order: ('response' | 'frame')[] = [];
  closed = false;
  stuck = false;
  readonly #demuxer = new RtspDemuxer();
  readonly #untaken: (() => void)[] = [];
  #cseq = 0;

  constructor(streams: Streams, options: Partial<ConnectionOptions> = {}) {
    for (const channel of [0, 1, 2, 3]) this.#demuxer.addChannel(channel);
    this.connection = new RestreamConnection({
      streams,
      peer: this,
      login: async () => ({ may: true, hold: () => () => {} }),
      openUdp: () => Promise.reject(new Error('no UDP here')),
      takePlace: () => true,
      leavePlace: () => {},
      log: pino({ level: 'silent' }),
      ...options,
    });
  }

  write(bytes: Buffer, done: () => void): void {
    if (this.closed) throw new Error('written after the end');
    for (const item of this.#demuxer.feed(bytes)) {
      if (item.kind === 'frame') this.frames.push({ channel: item.channel, payload: item.payload });
      if (item.kind === 'response') this.responses.push(item);
      if (item.kind === 'frame' || item.kind === 'response') this.order.push(item.kind);
    }
    if (this.stuck) this.#untaken.push(done);
    else done();
  }

  close(): void {
    this.closed = true;
  }

  /** Reads all that waited. */
  recover(): void {
    this.stuck = false;
    for (const done of this.#untaken.splice(0)) done();
  }

  say(text: string): void {
    this.connection.received(Buffer.from(text));
  }

  /** Sends a request and waits for its answer. */
  async ask(
    method: string,
    headers: Record<string, string> = {},
    url = 'rtsp://box:8554/door',
  ): Promise<RtspResponse> {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const before = this.responses.length;
    this.say(`${method} ${url} RTSP/1.0\r\nCSeq: ${++this.#cseq}\r\n${lines.join('')}\r\n`);
    while (this.responses.length === before) await new Promise((resolve) => setImmediate(resolve));
    return this.responses[before]!;
  }

  /** @returns the session's id */
  async setUp(transport = 'RTP/AVP/TCP;unicast;interleaved=0-1'): Promise<string> {
    const response = await this.ask('SETUP', { Transport: transport }, 'rtsp://box:8554/door/trackID=0');
    return response.headers.get('Session')?.split(';')[0] ?? '';
  }
}

/** The RTP packets that a client was sent, of the pictures or on another channel. */
export const rtpOf = (client: FakeClient, of = 0) =>
  client.frames
    .filter(({ channel }) => channel === of)
    .map(({ payload }) => {
      const packet = parseRtp(payload);
      assert.ok(!('invalid' in packet));
      return packet;
    });
