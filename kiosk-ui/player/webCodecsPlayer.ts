import type { InitPart, LivePart, PicturePart } from './liveMessage.ts';
import { fill, Player, type PlayerEvents } from './player.ts';

/** Pictures that may wait for the decoder; beyond, all of them are given up for the next key picture. */
const MOST_WAITING = 60;
/** Pictures whose times are remembered: more than any decoder holds back. */
const MOST_UNDER_WAY = 128;

/**
 * A camera's own coding by WebCodecs on a canvas, for browsers without Media Source Extensions. Annex B, without `description`: a
 * key picture brings its parameter sets (W3C AVC and HEVC registrations). What delay remains is up to the stream's reorder depth.
 */
export class WebCodecsPlayer extends Player {
  readonly element = document.createElement('canvas');
  readonly #context = this.element.getContext('2d', { alpha: false });
  #decoder: VideoDecoder | undefined;
  #config: VideoDecoderConfig | undefined;
  /** While the browser is asked whether it plays the codec. */
  #waiting: PicturePart[] | undefined;
  #underWay = new Map<number, PicturePart>();
  #count = 0;
  #needsKey = true;
  #closed = false;

  constructor(events: PlayerEvents) {
    super(events);
    fill(this.element);
  }

  push(part: LivePart): void {
    if (this.#closed) return;
    if (part.kind === 'init') void this.#begin(part);
    else if (part.kind === 'annexb') {
      if (this.#waiting) this.#wait(this.#waiting, part);
      else this.#decode(part);
    }
  }

  async #begin({ codec, width, height }: InitPart): Promise<void> {
    // `optimizeForLatency` alone is not always enough: the stream's SPS has the last word (w3c/webcodecs 732).
    const config = { codec, codedWidth: width, codedHeight: height, optimizeForLatency: true };
    this.#config = config;
    this.#waiting = [];
    const { supported } = await VideoDecoder.isConfigSupported(config).catch(() => ({ supported: false }));
    if (this.#closed || this.#config !== config) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (!supported) {
      this.events.unsupported(codec);
      return;
    }
    this.#configure();
    for (const part of waiting) this.#decode(part);
  }

  #wait(waiting: PicturePart[], part: PicturePart): void {
    if (part.key || waiting.length > 2 * MOST_WAITING) {
      this.counts.dropped += waiting.length;
      waiting.length = 0;
    }
    waiting.push(part);
  }

  #configure(): void {
    const config = this.#config;
    if (!config) return;
    this.#underWay.clear();
    this.#needsKey = true;
    // Never flush(): the chunk after it has to be a key picture again.
    if (this.#decoder?.state === 'configured') this.#decoder.reset();
    else this.#decoder = new VideoDecoder({ output: (frame) => this.#paint(frame), error: this.#failed });
    this.#decoder.configure(config);
  }

  #decode(part: PicturePart): void {
    const decoder = this.#decoder;
    if (decoder?.state !== 'configured') return;
    if (decoder.decodeQueueSize > MOST_WAITING) {
      this.counts.dropped += this.#underWay.size;
      this.#configure();
    }
    if (this.#needsKey && !part.key) {
      this.counts.dropped++;
      return;
    }
    this.#needsKey = false;
    const timestamp = ++this.#count;
    this.#underWay.set(timestamp, part);
    this.#underWay.delete(timestamp - MOST_UNDER_WAY);
    try {
      decoder.decode(new EncodedVideoChunk({ type: part.key ? 'key' : 'delta', timestamp, data: part.data }));
    } catch (error) {
      // DataError: what should be a key picture is none. The next one may be.
      if (decoder.state !== 'configured') this.#failed(error);
      this.counts.dropped++;
      this.#needsKey = true;
    }
  }

  #paint(frame: VideoFrame): void {
    const part = this.#underWay.get(frame.timestamp);
    this.#underWay.delete(frame.timestamp);
    this.counts.decoded++;
    if (part && !part.past && !this.#closed) {
      const { element } = this;
      if (element.width !== frame.displayWidth || element.height !== frame.displayHeight) {
        element.width = frame.displayWidth;
        element.height = frame.displayHeight;
      }
      this.#context?.drawImage(frame, 0, 0);
    }
    // At once: decoders have a handful of pictures and stop when all are held.
    frame.close();
    if (part && !part.past && !this.#closed) this.painted(part.time);
  }

  readonly #failed = (error: unknown): void => {
    if (this.#closed) return;
    this.events.failed(error instanceof Error ? error.message : String(error));
  };

  close(): void {
    this.#closed = true;
    if (this.#decoder && this.#decoder.state !== 'closed') this.#decoder.close();
    this.#waiting = undefined;
    this.#underWay.clear();
    this.element.remove();
  }
}
