/**
 * Challenges of HTTP Digest, mended for the library: it knows only the exact text `qop="auth,auth-int"` (so sends
 * `nc=null` for a blank after the comma) and throws at an algorithm that the machine does not have. Pure and total.
 */

/**
 * @param challenges values of WWW-Authenticate, each beginning with `Digest`
 * @returns those that the library can answer, in its words; the first one as MD5 when it can answer none, since cameras
 *   send algorithm names that nobody knows and mean MD5 (TP-Link)
 */
export function answerableChallenges(challenges: readonly string[]): string[] {
  const mended = challenges.map((challenge) =>
    challenge.replace(/\bqop\s*=\s*("[^"]*"|[\w-]+)/i, (whole, value: string) =>
      /(^|[",\s])auth([",\s]|$)/i.test(value) ? 'qop="auth"' : whole,
    ),
  );
  const known = mended.filter((challenge) => {
    const algorithm = algorithmOf(challenge);
    return algorithm === undefined || algorithm === 'MD5' || algorithm === 'SHA-256';
  });
  if (known.length > 0) return known;
  const [first] = mended;
  return first === undefined
    ? []
    : [first.replace(ALGORITHM, '').replace(/,\s*,/g, ',').replace(/,\s*$/, '')];
}

const ALGORITHM = /\balgorithm\s*=\s*("[^"]*"|[\w-]+)/i;

function algorithmOf(challenge: string): string | undefined {
  return ALGORITHM.exec(challenge)?.[1]?.replace(/"/g, '').toUpperCase();
}
