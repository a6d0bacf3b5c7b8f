/** The page is sent to strangers by mail: what must not leave the box is taken out of every line, whoever wrote it. Pure. */
import type { DoctorLine } from '../../schema.ts';
import { redactLine } from '../redact.ts';

const GONE = '***';
/** Bytes of UTF-16; a line is to be read, not searched. */
const LONGEST = 400;

/** `password: x`, `psk=x`, `API-Key "x"` in free text, as other people's programs log it. Rather too much than too little. */
const SPOKEN =
  /\b((?:[a-z]{1,20}[_-])?(?:password|passwd|passphrase|passcode|pwd|psk|secret|token|api[_-]?key|authorization|cookie)["']?\s{0,4}[:=]\s{0,4})(?:"[^"]*"|'[^']*'|[^\s,;]+)/gi;
const SCHEMES = /\b(basic|bearer|digest)\s+[A-Za-z0-9+/=._~-]{8,}/gi;

/** One line of text that may be shown to anybody and on any terminal. */
export function clean(text: string): string {
  // Before it is cut: half a secret is not recognised.
  const open = redactLine(text)
    .replace(SCHEMES, `$1 ${GONE}`)
    .replace(SPOKEN, `$1${GONE}`)
    .replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\p{Cf}/gu, '')
    .trim();
  return open.length > LONGEST ? `${open.slice(0, LONGEST - 1)}…` : open;
}

export function cleanLine(line: DoctorLine): DoctorLine {
  return {
    ...line,
    id: clean(line.id),
    name: clean(line.name),
    text: clean(line.text),
    advice: line.advice === null ? null : clean(line.advice),
  };
}

/** An address of the network without user, password, query and fragment, where secrets may stand under any name. */
export function plainUrl(url: string): string {
  if (!URL.canParse(url)) return 'an address that cannot be read';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
