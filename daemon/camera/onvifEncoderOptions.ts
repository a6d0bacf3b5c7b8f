/** What a camera's video encoder can be set to, from GetVideoEncoderConfigurationOptions. Pure and total. */
import { child, descendant, descendants, parseXml, type XmlElement } from '../discover/xml.ts';
import type { Range } from './onvifPtzReply.ts';
import { codecName } from './onvifReply.ts';
import type { MediaService } from './onvifServices.ts';

export interface EncoderOptions {
  /** As FFmpeg names it. */
  readonly codec: string;
  /** As the camera writes it. */
  readonly encoding: string;
  readonly sizes: readonly { readonly width: number; readonly height: number }[];
  /** undefined: not said. */
  readonly gop: Range | undefined;
  readonly fps: Range | undefined;
  /** Where only these rates are taken; empty: any within `fps`. */
  readonly rates: readonly number[];
  readonly bitrate: Range | undefined;
  /** H.264 profiles, as the camera writes them. */
  readonly profiles: readonly string[];
}

const MAX_SIZES = 256;

/** One for each codec; none when the answer says nothing. */
export function readOptions(xml: string, service: MediaService): EncoderOptions[] {
  const answer = descendant(parseXml(xml), 'GetVideoEncoderConfigurationOptionsResponse');
  const all = answer?.children.filter(({ name }) => name === 'options') ?? [];
  if (service === 'media2') return all.flatMap((options) => ofMedia2(options) ?? []);
  const [options] = all;
  const extension = child(options, 'Extension');
  return ['H264', 'JPEG', 'MPEG4'].flatMap((encoding) => {
    const own = child(options, encoding);
    if (!own) return [];
    const more = child(extension, encoding);
    const codec = codecName(encoding) ?? encoding;
    const profiles = own.children.filter(({ name }) => name === `${encoding.toLowerCase()}profilessupported`);
    return [
      {
        codec,
        encoding,
        sizes: sizesOf(own),
        gop: rangeOf(child(own, 'GovLengthRange')),
        fps: rangeOf(child(own, 'FrameRateRange')),
        rates: [],
        bitrate: rangeOf(child(more, 'BitrateRange')),
        profiles: profiles.map(({ text }) => text).filter((text) => text !== ''),
      },
    ];
  });
}

/** Lists stand in attributes there: GovLengthRange="1 400" FrameRatesSupported="30 25 15". */
function ofMedia2(options: XmlElement): EncoderOptions | undefined {
  const encoding = child(options, 'Encoding')?.text ?? '';
  const codec = codecName(encoding);
  if (codec === null) return undefined;
  const list = (name: string): string[] =>
    (options.attributes.get(name.toLowerCase()) ?? child(options, name)?.text ?? '')
      .split(/\s+/)
      .filter(Boolean);
  const numbers = (name: string): number[] =>
    list(name)
      .map(Number)
      .filter((value) => Number.isFinite(value) && value > 0);
  const rates = numbers('FrameRatesSupported');
  return {
    codec,
    encoding,
    sizes: sizesOf(options),
    gop: spanOf(numbers('GovLengthRange')),
    fps: spanOf(rates),
    rates,
    bitrate: rangeOf(child(options, 'BitrateRange')),
    profiles: list('ProfilesSupported'),
  };
}

function sizesOf(element: XmlElement): { width: number; height: number }[] {
  return descendants(element, 'ResolutionsAvailable')
    .slice(0, MAX_SIZES)
    .map((size) => ({
      width: Number.parseInt(child(size, 'Width')?.text ?? '', 10),
      height: Number.parseInt(child(size, 'Height')?.text ?? '', 10),
    }))
    .filter(({ width, height }) => width > 0 && height > 0);
}

function rangeOf(element: XmlElement | undefined): Range | undefined {
  const number = (name: string) => Number.parseFloat(child(element, name)?.text ?? '');
  const [min, max] = [number('Min'), number('Max')];
  return max > 0 && min <= max ? { min, max } : undefined;
}

function spanOf(numbers: readonly number[]): Range | undefined {
  return numbers.length === 0 ? undefined : { min: Math.min(...numbers), max: Math.max(...numbers) };
}
