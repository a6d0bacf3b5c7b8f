/** A virtual camera's encoder as ONVIF sets it: what it offers, and what it does with SetVideoEncoderConfiguration. */
import type { VirtualProfile } from './onvifService.ts';
import { envelope, escapeXml, faultXml } from './soap.ts';

export const SIZES = [
  { width: 1280, height: 720 },
  { width: 960, height: 540 },
  { width: 640, height: 480 },
  { width: 640, height: 360 },
  { width: 320, height: 180 },
] as const;
const GOP = { min: 1, max: 400 };
const RATES = [1, 5, 8, 10, 12, 15, 20, 25, 30];
const CODECS = { H264: 'h264', H265: 'hevc', JPEG: 'mjpeg' } as const;

export function encoderOptionsXml(ver20: boolean): string {
  const sizes = SIZES.map(
    ({ width, height }) =>
      `<tt:ResolutionsAvailable><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:ResolutionsAvailable>`,
  ).join('');
  const range = (name: string, min: number, max: number) =>
    `<tt:${name}><tt:Min>${min}</tt:Min><tt:Max>${max}</tt:Max></tt:${name}>`;
  if (ver20) {
    const options = (['H264', 'H265', 'JPEG'] as const).map(
      (encoding) =>
        `<tr2:Options GovLengthRange="${GOP.min} ${GOP.max}" FrameRatesSupported="${[...RATES].reverse().join(' ')}" ` +
        `ProfilesSupported="Main High" ConstantBitRateSupported="true"><tt:Encoding>${encoding}</tt:Encoding>` +
        `${range('QualityRange', 1, 6)}${sizes}${range('BitrateRange', 32, 8192)}</tr2:Options>`,
    );
    return envelope(
      `<tr2:GetVideoEncoderConfigurationOptionsResponse>${options.join('')}</tr2:GetVideoEncoderConfigurationOptionsResponse>`,
    );
  }
  const rates =
    range('FrameRateRange', RATES[0] ?? 1, RATES.at(-1) ?? 30) + range('EncodingIntervalRange', 1, 1);
  return envelope(
    '<trt:GetVideoEncoderConfigurationOptionsResponse><trt:Options>' +
      `${range('QualityRange', 0, 5)}<tt:JPEG>${sizes}${rates}</tt:JPEG>` +
      `<tt:H264>${sizes}${range('GovLengthRange', GOP.min, GOP.max)}${rates}` +
      '<tt:H264ProfilesSupported>Baseline</tt:H264ProfilesSupported><tt:H264ProfilesSupported>Main</tt:H264ProfilesSupported>' +
      `</tt:H264><tt:Extension><tt:H264>${sizes}${range('BitrateRange', 32, 8192)}</tt:H264></tt:Extension>` +
      '</trt:Options></trt:GetVideoEncoderConfigurationOptionsResponse>',
  );
}

/** In the order of the schema, as cameras insist on. */
const ORDER = {
  ver10: [
    'Name',
    'UseCount',
    'Encoding',
    'Resolution',
    'Quality',
    'RateControl',
    'H264',
    'Multicast',
    'SessionTimeout',
  ],
  ver20: ['Name', 'UseCount', 'Encoding', 'Resolution', 'RateControl', 'Multicast', 'Quality'],
};

/** Changes the profile that the body names, and answers. Refuses what a camera would: anything outside of its offer. */
export function setEncoder(
  body: string,
  ver20: boolean,
  profiles: readonly VirtualProfile[],
): { xml: string; changed?: VirtualProfile } {
  const refuse = (why: string) => ({ xml: faultXml('ter:ConfigModify', why) });
  const token = /<(?:\w+:)?Configuration[^>]*\btoken="([^"]*)"/.exec(body)?.[1];
  const profile = profiles.find((one) => escapeXml(encoderToken(one)) === token);
  if (!profile) return refuse('No such configuration');
  const text = (name: string) => new RegExp(`<(?:\\w+:)?${name}[^>]*>([^<]*)<`).exec(body)?.[1];
  const number = (name: string) => Number(text(name));
  const places = ORDER[ver20 ? 'ver20' : 'ver10'].map((name) =>
    body.search(new RegExp(`<(?:\\w+:)?${name}[ >]`)),
  );
  const there = places.filter((place) => place >= 0);
  if (there.some((place, i) => place < (there[i - 1] ?? 0))) return refuse('The elements are out of order');
  if (text('Name') !== 'VEC' || number('Quality') !== 4 || text('IPv4Address') !== '239.1.2.3')
    return refuse('What was not to be changed is not as it was');
  const codec = CODECS[text('Encoding') as keyof typeof CODECS];
  const size = { width: number('Width'), height: number('Height') };
  const gop = ver20 ? Number(/\bGovLength="(\d+)"/.exec(body)?.[1]) : number('GovLength');
  const fps = number('FrameRateLimit');
  const bitrate = number('BitrateLimit');
  if (!codec || (codec === 'hevc' && !ver20)) return refuse('No such codec');
  if (!SIZES.some(({ width, height }) => width === size.width && height === size.height))
    return refuse('The size is not offered');
  if (codec !== 'mjpeg' && !(gop >= GOP.min && gop <= GOP.max)) return refuse('GovLength is out of range');
  if (!(fps >= 1 && fps <= 30) || (ver20 && !RATES.includes(fps)))
    return refuse('The frame rate is not offered');
  if (codec === 'h264' && !ver20 && !text('H264Profile')) return refuse('H264Profile is missing');
  Object.assign(profile, { codec, ...size, fps, bitrate, ...(codec === 'mjpeg' ? {} : { gop }) });
  const prefix = ver20 ? 'tr2' : 'trt';
  return { xml: envelope(`<${prefix}:SetVideoEncoderConfigurationResponse/>`), changed: profile };
}

export function encoderToken(profile: VirtualProfile): string {
  return profile.encoderToken ?? `VEC_${profile.token}`;
}

/** The time of a SetSystemDateAndTime, Unix milliseconds; undefined where it changes more than the time. */
export function readClockSetting(body: string): number | undefined {
  const part = (name: string) => Number(new RegExp(`<(?:\\w+:)?${name}>(\\d+)<`).exec(body)?.[1]);
  const [year, month, day] = ['Year', 'Month', 'Day'].map(part) as [number, number, number];
  const [hour, minute, second] = ['Hour', 'Minute', 'Second'].map(part) as [number, number, number];
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  const kept = body.includes('>CST-8:00:00<') && body.includes('<DaylightSavings>false<');
  return kept && body.includes('<DateTimeType>Manual<') && !Number.isNaN(time) ? time : undefined;
}
