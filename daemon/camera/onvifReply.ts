/**
 * What cameras answer to ONVIF calls, read from the raw XML: the library's own reading turns the firmware "5.10" into
 * the number 5.1 and the token "1.0" into 1. Pure and total. discover/README, cases 29–33.
 */
import { printable } from '../discover/scopes.ts';
import { child, descendant, descendants, parseXml, type XmlElement } from '../discover/xml.ts';
import type { OnvifDescription, OnvifProfile } from '../schema.ts';

export type DeviceInformation = Pick<
  OnvifDescription,
  'manufacturer' | 'model' | 'firmware' | 'serial' | 'hardware'
>;

export function readDeviceInformation(xml: string): DeviceInformation {
  const answer = descendant(parseXml(xml), 'GetDeviceInformationResponse');
  const text = (name: string): string | null => printable(child(answer, name)?.text ?? '') || null;
  return {
    manufacturer: text('Manufacturer'),
    model: text('Model'),
    firmware: text('FirmwareVersion'),
    serial: text('SerialNumber'),
    hardware: text('HardwareId'),
  };
}

/** A profile before its addresses are known. */
export interface MediaProfile extends Omit<OnvifProfile, 'rtsp_url' | 'snapshot_url'> {
  /** It has an encoder configuration. Media1 leaves that out for H.265 (Dahua; node-onvif#78). */
  readonly encoder: boolean;
}

/** NVRs of 64 channels have 128 profiles. */
const MAX_PROFILES = 256;

/**
 * Profiles of a GetProfiles answer, Media1 or Media2. Those without any video (metadata or audio only) are left out,
 * and so are those without token and repeated ones.
 */
export function readProfiles(xml: string): MediaProfile[] {
  const profiles = new Map<string, MediaProfile>();
  for (const element of descendants(parseXml(xml), 'Profiles').slice(0, MAX_PROFILES)) {
    const token = element.attributes.get('token');
    if (!token || profiles.has(token)) continue;
    // Media2 puts all of them into <Configurations> under shorter names.
    const configurations = child(element, 'Configurations') ?? element;
    const pick = (media1: string, media2: string): XmlElement | undefined =>
      child(configurations, media1) ?? child(configurations, media2);
    const encoder = pick('VideoEncoderConfiguration', 'VideoEncoder');
    const source = pick('VideoSourceConfiguration', 'VideoSource');
    if (!encoder && !source) continue;
    profiles.set(token, {
      token,
      name: printable(child(element, 'Name')?.text ?? '') || token,
      ptz: pick('PTZConfiguration', 'PTZ') !== undefined,
      encoder: encoder !== undefined,
      ...readEncoder(encoder),
    });
  }
  return [...profiles.values()];
}

function readEncoder(
  encoder: XmlElement | undefined,
): Pick<OnvifProfile, 'codec' | 'width' | 'height' | 'fps' | 'bitrate' | 'gop'> {
  const resolution = child(encoder, 'Resolution');
  const rate = child(encoder, 'RateControl');
  const gop = encoder?.attributes.get('govlength') ?? descendant(encoder, 'GovLength')?.text ?? undefined;
  return {
    codec: codecName(child(encoder, 'Encoding')?.text),
    width: integer(child(resolution, 'Width')?.text),
    height: integer(child(resolution, 'Height')?.text),
    fps: positive(child(rate, 'FrameRateLimit')?.text),
    bitrate: integer(child(rate, 'BitrateLimit')?.text),
    gop: integer(gop),
  };
}

/** Profiles of both services as one list: Media2 knows better what is encoded, Media1's order is kept. */
export function mergeProfiles(
  media1: readonly MediaProfile[],
  media2: readonly MediaProfile[],
): MediaProfile[] {
  const merged = new Map(media1.map((profile) => [profile.token, profile]));
  for (const profile of media2) {
    const known = merged.get(profile.token);
    if (!known) merged.set(profile.token, profile);
    else if (profile.encoder)
      merged.set(profile.token, { ...profile, name: known.name, ptz: known.ptz || profile.ptz });
  }
  return [...merged.values()];
}

/** The address in a GetStreamUri or GetSnapshotUri answer, as written. */
export function readUri(xml: string): string | undefined {
  const answer = parseXml(xml);
  const body = descendant(answer, 'GetStreamUriResponse') ?? descendant(answer, 'GetSnapshotUriResponse');
  return descendant(body, 'Uri')?.text;
}

/** The text of a SOAP fault, codes included; undefined when the answer is none. */
export function readFault(xml: string): string | undefined {
  const fault = descendant(parseXml(xml), 'Fault');
  if (!fault) return undefined;
  const words: string[] = [];
  const collect = (element: XmlElement): void => {
    if (element.text !== '') words.push(element.text);
    element.children.forEach(collect);
  };
  collect(fault);
  return printable(words.join(' ')) || 'SOAP fault without a reason';
}

/** A SOAP message with something in its body that is no fault. */
export function isAnswer(xml: string): boolean {
  const body = descendant(descendant(parseXml(xml), 'Envelope'), 'Body');
  return body !== undefined && body.children.length > 0 && descendant(body, 'Fault') === undefined;
}

/** Names of FFmpeg. */
export function codecName(encoding: string | undefined): string | null {
  const name = (encoding ?? '').toUpperCase().replace(/[^A-Z0-9]/g, '');
  if (name === '') return null;
  if (name === 'H264') return 'h264';
  if (name === 'H265' || name === 'HEVC') return 'hevc';
  if (name === 'JPEG' || name === 'MJPEG') return 'mjpeg';
  if (name === 'MPEG4' || name === 'MPV4ES') return 'mpeg4';
  return name.toLowerCase().slice(0, 32);
}

function integer(text: string | undefined): number | null {
  const value = positive(text);
  return value === null ? null : Math.round(value);
}

/** Zero and nonsense mean "not said". */
function positive(text: string | undefined): number | null {
  const value = Number(text === '' ? undefined : text);
  return Number.isFinite(value) && value > 0 && value < 1e9 ? value : null;
}
