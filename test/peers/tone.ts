/** What a tone is, by its samples. */

/** Hz, by counting where it crosses zero upwards. */
export function frequencyOf(samples: Int16Array, sampleRate: number): number {
  const crossings: number[] = [];
  for (let n = 1; n < samples.length; n++)
    if (samples[n - 1]! < 0 && samples[n]! >= 0) {
      const share = -samples[n - 1]! / (samples[n]! - samples[n - 1]!);
      crossings.push(n - 1 + share);
    }
  return ((crossings.length - 1) * sampleRate) / (crossings.at(-1)! - crossings[0]!);
}

/** Root mean square. */
export const levelOf = (samples: Int16Array) =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
