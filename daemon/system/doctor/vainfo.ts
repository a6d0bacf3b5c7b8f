/** The list that vainfo (libva-utils) prints. Pure and total. */

export interface Vainfo {
  /** `Intel i965 driver for Intel(R) Bay Trail - 2.4.1` */
  readonly driver: string;
  /** Codecs it decodes and encodes, in short: H.264, HEVC, MPEG-2, VC-1, JPEG, VP8, VP9, AV1. */
  readonly decodes: readonly string[];
  readonly encodes: readonly string[];
  /** It scales and converts pictures. */
  readonly processes: boolean;
}

const CODECS: readonly [profile: RegExp, name: string][] = [
  [/^VAProfileH264/, 'H.264'],
  [/^VAProfileHEVC/, 'HEVC'],
  [/^VAProfileMPEG2/, 'MPEG-2'],
  [/^VAProfileVC1/, 'VC-1'],
  [/^VAProfileJPEG/, 'JPEG'],
  [/^VAProfileVP8/, 'VP8'],
  [/^VAProfileVP9/, 'VP9'],
  [/^VAProfileAV1/, 'AV1'],
];

/** @returns undefined: no driver was found, or none that serves this hardware */
export function parseVainfo(text: string): Vainfo | undefined {
  const driver = /^vainfo: Driver version: (.{1,200})$/m.exec(text)?.[1]?.trim();
  if (driver === undefined) return undefined;
  const decodes = new Set<string>();
  const encodes = new Set<string>();
  let processes = false;
  for (const [, profile = '', entry = ''] of text.matchAll(
    /^\s*(VAProfile\w{1,64})\s*:\s*(VAEntrypoint\w{1,64})/gm,
  )) {
    if (entry === 'VAEntrypointVideoProc') processes = true;
    const name = CODECS.find(([pattern]) => pattern.test(profile))?.[1];
    if (name === undefined) continue;
    if (entry === 'VAEntrypointVLD') decodes.add(name);
    else if (/^VAEntrypointEnc/.test(entry)) encodes.add(name);
  }
  return { driver, decodes: [...decodes], encodes: [...encodes], processes };
}
