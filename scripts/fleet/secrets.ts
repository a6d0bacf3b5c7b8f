/** Keeps what a site file holds in confidence out of everything that is printed, whoever says it. Pure. */

const SECRET_FIELDS = new Set(['password', 'passphrase']);
/** Anything shorter would blot out ordinary words, and is no password that the box takes for a user. */
const SHORTEST = 4;

/** Every password and passphrase in a JSON value, also those in addresses. */
export function secretsOf(value: unknown): string[] {
  if (typeof value === 'string') {
    const userinfo = /^[a-z][a-z0-9+.-]*:\/\/[^/?@]*?:(.*)@/i.exec(value)?.[1];
    return userinfo === undefined ? [] : [userinfo];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) =>
    SECRET_FIELDS.has(key) && typeof one === 'string' ? [one] : secretsOf(one),
  );
}

/** A function that blots them out, and whatever a terminal would obey. */
export function cleaner(secrets: Iterable<string>): (text: string) => string {
  const known = [...new Set(secrets)]
    .filter((secret) => secret.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  return (text) => {
    const open = known.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
    return open.replace(/[^\P{Cc}\n\t]/gu, '�');
  };
}
