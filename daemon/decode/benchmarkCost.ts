/** What decoding costs, in two numbers. Pure. */

/** One kind of work and how much of it was done. */
export interface Measured {
  /** Pixels of one picture as it comes, and as it leaves. */
  readonly source: number;
  readonly output: number;
  /** Pictures per second, all cores together. */
  readonly rate: number;
}

/** Seconds of the whole machine per pixel: of decoding (and reading it for the scaler), and of scaling and compressing. */
export interface PixelCost {
  readonly source: number;
  readonly output: number;
}

/**
 * Neither can be less than this part of the whole: decoding and compressing cost something everywhere, and a disturbed
 * measurement would otherwise make one of them free.
 */
const LEAST_PART = 0.05;

/**
 * Solves `1 / rate = source × a + output × b` for two measurements. With ffmpeg 5.1 and 9.0 a third size between them (720p to
 * 640×360, 1080p to 640×360, 720p to itself) was foretold to 5 %.
 *
 * @returns undefined when nothing came out, or both measured the same kind of work
 */
export function solveCost(one: Measured, other: Measured): PixelCost | undefined {
  if (!(one.rate > 0) || !(other.rate > 0)) return undefined;
  const determinant = one.source * other.output - other.source * one.output;
  if (determinant === 0) return undefined;
  const [first, second] = [1 / one.rate, 1 / other.rate];
  const source = (first * other.output - second * one.output) / determinant;
  const output = (one.source * second - other.source * first) / determinant;
  // Bounded so that the measurement that the bound concerns is still met.
  const mostSource = ((1 - LEAST_PART) * first) / one.source;
  const mostOutput = ((1 - LEAST_PART) * second) / other.output;
  return {
    source: Math.min(Math.max(source, (LEAST_PART * first) / one.source), mostSource),
    output: Math.min(Math.max(output, (LEAST_PART * second) / other.output), mostOutput),
  };
}
