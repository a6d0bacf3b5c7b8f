/** What to set a camera's video encoder to: the nearest to what a wall wants of what the camera offers. Pure. */
import type { EncoderOptions } from './onvifEncoderOptions.ts';
import { type EncoderConfiguration, type EncoderSettings, settingsOf } from './onvifEncoderXml.ts';
import type { Range } from './onvifPtzReply.ts';

/** What is left out stays as it is. */
export interface EncoderWish {
  /** Seconds between key frames. */
  readonly keySeconds?: number | undefined;
  readonly h264?: boolean | undefined;
  /** Of the largest picture wanted; `aspect` (width ÷ height) is kept where a size offers it. */
  readonly fit?:
    | { readonly width: number; readonly height: number; readonly aspect: number | null }
    | undefined;
  /** Frames per second at least. */
  readonly fps?: number | undefined;
}
export type WishPart = keyof EncoderWish;

export interface Choice {
  readonly configuration: EncoderConfiguration;
  /** Parts that cannot be met, and why in words. */
  readonly unmet: ReadonlyMap<WishPart, string>;
}

/** What was set and what the camera said then. */
export interface EncoderOutcome {
  readonly before: EncoderSettings;
  readonly after: EncoderSettings;
  readonly unmet: readonly (readonly [WishPart, string])[];
}

/** Sizes count as of one shape when they differ by so much: 704×576 is shown as 4:3. */
const SAME_ASPECT = 0.12;
/** The first one offered; Main is what every decoder takes and cameras do best. */
const PROFILES = ['Main', 'Baseline', 'High'];

/**
 * Never outside the ranges that the camera offers. Where it offers none, key frames and rate are set without, size and codec
 * are not.
 */
export function choose(
  configuration: EncoderConfiguration,
  options: readonly EncoderOptions[],
  wish: EncoderWish,
): Choice {
  const { service } = configuration;
  const now = settingsOf(configuration);
  const values = new Map(configuration.values);
  const unmet = new Map<WishPart, string>();

  let codec = now.codec;
  if (wish.h264 && codec !== 'h264') {
    const offered = options.find((option) => option.codec === 'h264');
    if (!offered) unmet.set('h264', 'The camera offers no H.264 for this stream.');
    else {
      codec = 'h264';
      values.set('encoding', offered.encoding);
      const profile = PROFILES.find((name) => offered.profiles.includes(name)) ?? offered.profiles[0];
      for (const path of [...values.keys()]) if (/^(mpeg4|h264)\//.test(path)) values.delete(path);
      if (profile !== undefined) values.set(service === 'media2' ? '@profile' : 'h264/h264profile', profile);
      // The configuration needs a GOP now, which it may not have had (JPEG).
      if (now.gop === null) values.set(gopPath(service), String(gopOf(1, now.fps ?? 15, offered.gop)));
      else values.set(gopPath(service), String(gopOf(1, now.gop, offered.gop)));
    }
  }
  const offered = options.find((option) => option.codec === codec);

  if (wish.fit) {
    const size = offered && sizeWithin(offered.sizes, wish.fit);
    if (!size) unmet.set('fit', 'The camera offers no smaller size for this stream.');
    else if ((now.width ?? Number.POSITIVE_INFINITY) * (now.height ?? 1) <= size.width * size.height)
      unmet.set('fit', 'The camera offers no smaller size for this stream.');
    else setSize(values, size);
  } else if (codec !== now.codec && offered && now.width !== null && now.height !== null) {
    // The other codec may have other sizes.
    const same = offered.sizes.some(({ width, height }) => width === now.width && height === now.height);
    const { width, height } = now;
    const size = same ? undefined : sizeWithin(offered.sizes, { width, height, aspect: width / height });
    if (size) setSize(values, size);
  }

  let fps = now.fps;
  if (wish.fps !== undefined && (fps === null || fps < wish.fps)) {
    const better = rateFrom(wish.fps, offered);
    if (fps !== null && better <= fps)
      unmet.set('fps', 'The camera offers no higher frame rate at this size.');
    else {
      fps = better;
      values.set('ratecontrol/frameratelimit', String(better));
    }
  } else if (codec !== now.codec && fps !== null) {
    fps = rateFrom(fps, offered);
    values.set('ratecontrol/frameratelimit', String(fps));
  }

  if (wish.keySeconds !== undefined) {
    if (codec !== 'h264' && codec !== 'hevc' && codec !== 'mpeg4')
      unmet.set('keySeconds', 'This codec has no key frames to set.');
    else {
      const gop = gopOf(wish.keySeconds, fps ?? 15, offered?.gop);
      if (now.gop !== null && now.gop <= gop && codec === now.codec)
        unmet.set(
          'keySeconds',
          `The camera is set to a key frame every ${now.gop} frames already, but sends them more rarely. Switch off its ` +
            '“smart” or “+” codec on its own web page.',
        );
      else values.set(gopPath(service, codec), String(gop));
    }
  }

  const bitrate = Number(values.get('ratecontrol/bitratelimit'));
  if (offered?.bitrate && bitrate > 0 && codec !== now.codec)
    values.set('ratecontrol/bitratelimit', String(within(bitrate, offered.bitrate)));
  return { configuration: { ...configuration, values }, unmet };
}

/** True when sending it would change something. */
export function differs(a: EncoderConfiguration, b: EncoderConfiguration): boolean {
  return (
    a.values.size !== b.values.size || [...a.values].some(([path, value]) => b.values.get(path) !== value)
  );
}

function gopPath(service: EncoderConfiguration['service'], codec: string | null = 'h264'): string {
  if (service === 'media2') return '@govlength';
  return codec === 'mpeg4' ? 'mpeg4/govlength' : 'h264/govlength';
}

function gopOf(seconds: number, fps: number, range: Range | undefined): number {
  return Math.round(within(Math.max(1, Math.round(seconds * fps)), range));
}

function within(value: number, range: Range | undefined): number {
  return range ? Math.max(range.min, Math.min(range.max, value)) : value;
}

function rateFrom(wanted: number, offered: EncoderOptions | undefined): number {
  const { rates = [], fps } = offered ?? {};
  if (rates.length === 0) return within(wanted, fps);
  return rates.reduce((best, rate) => (Math.abs(rate - wanted) < Math.abs(best - wanted) ? rate : best));
}

/** The largest size of the right shape that fits; else the largest that fits; else the smallest. */
function sizeWithin(
  sizes: EncoderOptions['sizes'],
  { width, height, aspect }: NonNullable<EncoderWish['fit']>,
): { width: number; height: number } | undefined {
  const bySize = [...sizes].sort((a, b) => b.width * b.height - a.width * a.height);
  // Corridor format: a camera on its side has its long edge upright.
  const [long, short] = [Math.max(width, height), Math.min(width, height)];
  const fitting = bySize.filter(
    (size) => Math.max(size.width, size.height) <= long && Math.min(size.width, size.height) <= short,
  );
  const shaped = fitting.find(
    (size) => aspect === null || Math.abs(size.width / size.height / aspect - 1) <= SAME_ASPECT,
  );
  return shaped ?? fitting[0] ?? bySize.at(-1);
}

function setSize(values: Map<string, string>, { width, height }: { width: number; height: number }): void {
  values.set('resolution/width', String(width));
  values.set('resolution/height', String(height));
}
