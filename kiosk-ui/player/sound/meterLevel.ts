/** How loud sound is. Pure. */

/** Decibels of full scale that are the lower end of the meter. */
const QUIETEST = -60;

/** 0 to 1, as loudness is felt. Pure. */
export function meterOf(samples: Float32Array): number {
  let squares = 0;
  for (const sample of samples) squares += sample * sample;
  const level = Math.sqrt(squares / samples.length);
  if (!(level > 0)) return 0;
  return Math.min(1, Math.max(0, 1 - (20 * Math.log10(level)) / QUIETEST));
}
