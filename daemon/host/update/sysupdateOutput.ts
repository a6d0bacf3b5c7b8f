/**
 * What systemd-sysupdate 257 says. Its progress goes to a datagram socket, which Node has not, and, with
 * SYSTEMD_LOG_LEVEL=debug, to stderr (`context_on_acquire_progress()` of its sysupdate.c). Total, pure.
 */

/** Each line of its own begins with facility and priority then, <27>; those of curl do not. `env`: the rest of our environment stays. */
export const LOUD = [
  'env',
  'SYSTEMD_LOG_LEVEL=debug',
  'SYSTEMD_LOG_TARGET=console-prefixed',
  'SYSTEMD_COLORS=0',
];

/** Of our three transfers, in their order, about how much of the whole each is: bytes of the first image. */
const SHARES = [3, 77, 20];

/** Percent, 0 to 100; or `installing`: all is there, and is given its name now; undefined: it says neither. */
export function progressOf(line: string): number | 'installing' | undefined {
  if (/^<\d{1,3}>Successfully installed '/.test(line)) return 'installing';
  const found = /\bTransfer (\d{1,3})\/(\d{1,3}) is (\d{1,3})% complete \((\d{1,3})% overall\)/.exec(line);
  if (!found) return undefined;
  const [transfer = 0, transfers = 0, percent = 0, overall = 0] = found.slice(1).map(Number);
  const share = SHARES[transfer - 1];
  const bounded = (value: number) => Math.min(100, Math.max(0, Math.round(value)));
  if (transfers !== SHARES.length || share === undefined) return bounded(overall);
  const before = SHARES.slice(0, transfer - 1).reduce((sum, one) => sum + one, 0);
  return bounded(before + (share * bounded(percent)) / 100);
}

/** Why it failed, as a sentence for people without the addresses' passwords. */
export function reasonOf(stderr: string): string {
  const errors = stderr.split('\n').flatMap((line) => errorOf(line) ?? []);
  const all = errors.join('\n');
  const [, known] = KNOWN.find(([words]) => words.test(all)) ?? [];
  // The first is the cause; those after it say that something failed because of it.
  const first = errors[0] ?? 'systemd-sysupdate does not say why';
  return known === undefined ? `The update failed: ${first}` : `${known} (${first})`;
}

const KNOWN: readonly (readonly [words: RegExp, sentence: string])[] = [
  [
    /Signature verification failed|Signature is empty|retrieve signature|SHA256SUMS\.gpg/i,
    'The source’s files are not signed with this image’s key',
  ],
  [/DOWNLOAD INVALID|Download truncated/i, 'A file of the source is damaged'],
  [/No space left|No available partition|File too large/i, 'There is no room for it'],
  [
    /Transfer failed|HTTP request|Premature connection|Failed to retrieve/i,
    'The source of updates does not answer as it should',
  ],
];

/** The priorities 0 to 3 are errors, and worse (syslog(3)); the facility stands above them. */
function errorOf(line: string): string | undefined {
  const [, number, text = ''] = /^<(\d{1,3})>(.*)$/.exec(line) ?? [];
  return number !== undefined && (Number(number) & 7) <= 3 && text.trim() !== ''
    ? withoutSecrets(text.trim())
    : undefined;
}

/** https://user:password@host → https://host. */
export function withoutSecrets(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/]*@/gi, '$1').slice(0, 500);
}

/** `check-new --json=short`: the version to install; null: none; undefined: it says something else. */
export function availableOf(stdout: string): string | null | undefined {
  const { available } = objectOf(stdout);
  return available === null || isVersion(available) ? available : undefined;
}

/** `list --json=short`: every version, installed or offered. */
export function versionsOf(stdout: string): string[] {
  const { all } = objectOf(stdout);
  return Array.isArray(all) ? all.filter(isVersion) : [];
}

/** `list VERSION --json=short`, as far as we need it. */
export function detailsOf(
  stdout: string,
): { available: boolean; installed: boolean; incomplete: boolean } | undefined {
  const { available, installed, incomplete } = objectOf(stdout);
  if (typeof available !== 'boolean' || typeof installed !== 'boolean') return undefined;
  return { available, installed, incomplete: incomplete === true };
}

export function isVersion(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9A-Za-z.~^-]{1,64}$/.test(value);
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
