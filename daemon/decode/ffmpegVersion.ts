/** What of ffmpeg's command line depends on its age. */
export interface FfmpegVersion {
  /** As ffmpeg prints it, e.g. `5.1.9-0+deb12u1`, `n7.1-17-gabc`, `N-47683-g0e8eb07980-static`. */
  readonly text: string;
  readonly major: number;
  readonly minor: number;
}

/** libavcodec's major version of each FFmpeg generation (FFmpeg's RELEASE_NOTES and doc/APIchanges): 58 → 4, 59 → 5, … */
const AVCODEC_MINUS_RELEASE = 54;
/** libavcodec 59.37 is FFmpeg 5.1, the first with `-fps_mode`. */
const AVCODEC_OF_5_1 = 37;

/**
 * Reads the output of `ffmpeg -version`. Releases (`5.1.9-0+deb12u1`, `n9.0.2-17-g…`) say their number; builds straight from git
 * (`N-47683-g…`, `git-2020-…`, `2026-01-01-git-…`) do not, there libavcodec's version tells the generation.
 * undefined: this is no ffmpeg.
 */
export function parseFfmpegVersion(output: string): FfmpegVersion | undefined {
  const text = /^ffmpeg version (\S{1,200})/m.exec(output)?.[1];
  if (text === undefined) return undefined;
  const release = /^n?(\d{1,3})\.(\d{1,3})(?![\d])/.exec(text);
  if (release !== null) return { text, major: Number(release[1]), minor: Number(release[2]) };
  const avcodec = /^libavcodec\s+(\d{1,4})\.\s*(\d{1,4})\./m.exec(output);
  if (avcodec === null) return undefined;
  const major = Number(avcodec[1]) - AVCODEC_MINUS_RELEASE;
  // Of the minor version only "5.1 or later" matters.
  return { text, major, minor: major === 5 && Number(avcodec[2]) >= AVCODEC_OF_5_1 ? 1 : 0 };
}

/** `-fps_mode` came with 5.1; `-vsync` is gone in the newest. */
export function hasFpsMode(version: FfmpegVersion): boolean {
  return version.major > 5 || (version.major === 5 && version.minor >= 1);
}
