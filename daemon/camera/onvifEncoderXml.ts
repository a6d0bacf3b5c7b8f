/**
 * A camera's video encoder configuration as a list of values by path (`resolution/width`, `@govlength`), read from its own
 * answer and written back with everything that was not changed as it was. Pure and total. The order of elements is that
 * of the ONVIF schema (media.wsdl 10.20.11, media2.wsdl 20.06): cameras refuse another one.
 */
import { child, descendants, parseXml, type XmlElement } from '../discover/xml.ts';
import { codecName } from './onvifReply.ts';
import type { MediaService } from './onvifServices.ts';
import { escapeXml } from './onvifText.ts';

type Shape = readonly (string | { readonly [name: string]: Shape })[];

const MULTICAST: Shape = [{ Address: ['Type', 'IPv4Address', 'IPv6Address'] }, 'Port', 'TTL', 'AutoStart'];
const SHAPES: Readonly<Record<MediaService, { attributes: readonly string[]; elements: Shape }>> = {
  media: {
    attributes: [],
    elements: [
      'Name',
      'UseCount',
      'Encoding',
      { Resolution: ['Width', 'Height'] },
      'Quality',
      { RateControl: ['FrameRateLimit', 'EncodingInterval', 'BitrateLimit'] },
      { MPEG4: ['GovLength', 'Mpeg4Profile'] },
      { H264: ['GovLength', 'H264Profile'] },
      { Multicast: MULTICAST },
      'SessionTimeout',
    ],
  },
  media2: {
    attributes: ['GovLength', 'AnchorFrameDistance', 'Profile', 'GuaranteedFrameRate', 'Signed'],
    elements: [
      'Name',
      'UseCount',
      'Encoding',
      { Resolution: ['Width', 'Height'] },
      { RateControl: ['@ConstantBitRate', 'FrameRateLimit', 'BitrateLimit'] },
      { Multicast: MULTICAST },
      'Quality',
    ],
  },
};
const SCHEMA = 'http://www.onvif.org/ver10/schema';

export type Values = ReadonlyMap<string, string>;

export interface EncoderConfiguration {
  readonly service: MediaService;
  readonly token: string;
  readonly values: Values;
  /** Profiles that use it: a change concerns all of them. */
  readonly users: readonly string[];
}

/** The encoder configuration of a profile in a GetProfiles answer; undefined when it has none there. */
export function readConfiguration(
  xml: string,
  service: MediaService,
  profile: string,
): EncoderConfiguration | undefined {
  const encoders = descendants(parseXml(xml), 'Profiles').map((element) => ({
    profile: element.attributes.get('token'),
    encoder:
      child(element, 'VideoEncoderConfiguration') ?? child(child(element, 'Configurations'), 'VideoEncoder'),
  }));
  const encoder = encoders.find((one) => one.profile === profile)?.encoder;
  const token = encoder?.attributes.get('token');
  if (!encoder || !token) return undefined;
  const users = encoders.flatMap((one) =>
    one.profile !== undefined && one.encoder?.attributes.get('token') === token ? [one.profile] : [],
  );
  const values = new Map<string, string>();
  collect(encoder, '', values);
  return { service, token, values, users };
}

function collect(element: XmlElement, path: string, values: Map<string, string>): void {
  for (const [name, value] of element.attributes) values.set(`${path}@${name}`, value);
  for (const one of element.children) {
    const place = `${path}${one.name}`;
    if (one.children.length === 0) values.set(place, one.text);
    collect(one, `${place}/`, values);
  }
}

/** The body of SetVideoEncoderConfiguration. */
export function writeConfiguration({ service, token, values }: EncoderConfiguration): string {
  const { attributes, elements } = SHAPES[service];
  const namespace = `http://www.onvif.org/${service === 'media' ? 'ver10' : 'ver20'}/media/wsdl`;
  const own = attributes.map((name) => attribute(name, values.get(`@${name.toLowerCase()}`))).join('');
  return (
    `<SetVideoEncoderConfiguration xmlns="${namespace}"><Configuration token="${escapeAttribute(token)}"${own}>` +
    `${write(elements, '', values, ` xmlns="${SCHEMA}"`)}</Configuration>` +
    // The setting shall survive the camera's next restart; Media2 has no other kind.
    `${service === 'media' ? '<ForcePersistence>true</ForcePersistence>' : ''}</SetVideoEncoderConfiguration>`
  );
}

function write(shape: Shape, path: string, values: Values, space: string): string {
  return shape
    .map((part) => {
      if (typeof part === 'string') {
        const value = part.startsWith('@') ? undefined : values.get(path + part.toLowerCase());
        return value === undefined ? '' : `<${part}${space}>${escapeXml(value)}</${part}>`;
      }
      return Object.entries(part)
        .map(([name, inner]) => {
          const place = `${path}${name.toLowerCase()}/`;
          const content = write(inner, place, values, '');
          if (content === '') return '';
          const own = inner.flatMap((one) =>
            typeof one === 'string' && one.startsWith('@')
              ? attribute(one.slice(1), values.get(place + one.toLowerCase()))
              : [],
          );
          return `<${name}${own.join('')}${space}>${content}</${name}>`;
        })
        .join('');
    })
    .join('');
}

function attribute(name: string, value: string | undefined): string {
  return value === undefined ? '' : ` ${name}="${escapeAttribute(value)}"`;
}

function escapeAttribute(value: string): string {
  return escapeXml(value).replace(/"/g, '&quot;');
}

/** What a configuration says, in numbers; null: it does not say. */
export interface EncoderSettings {
  readonly codec: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly fps: number | null;
  /** Frames between key frames. */
  readonly gop: number | null;
  /** kbit/s */
  readonly bitrate: number | null;
}

export function settingsOf({ service, values }: EncoderConfiguration): EncoderSettings {
  const number = (path: string): number | null => {
    const value = Number.parseFloat(values.get(path) ?? '');
    return Number.isFinite(value) && value > 0 ? value : null;
  };
  const codec = codecName(values.get('encoding'));
  return {
    codec,
    width: number('resolution/width'),
    height: number('resolution/height'),
    fps: number('ratecontrol/frameratelimit'),
    bitrate: number('ratecontrol/bitratelimit'),
    gop: number(
      service === 'media2' ? '@govlength' : codec === 'mpeg4' ? 'mpeg4/govlength' : 'h264/govlength',
    ),
  };
}
