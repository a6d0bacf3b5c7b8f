import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** OWASP's password storage cheat sheet: N=2^15, r=8 with p=3, or N=2^17 with p=1. 32 MiB and a tenth of a second each on a small box. */
const LOG_N = 15;
const R = 8;
const P = 3;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Of parameters read back from a hash: what costs more than this was not written by us. */
const MOST_LOG_N = 18;
const MOST_R = 16;
const MOST_P = 8;

const derive = promisify<string, Buffer, number, Parameters<typeof scrypt>[3], Buffer>(scrypt);

interface Hash {
  logN: number;
  r: number;
  p: number;
  salt: Buffer;
  hash: Buffer;
}

/** scrypt (RFC 7914) on libuv's pool, in the PHC string format: `$scrypt$ln=15,r=8,p=3$SALT$HASH`. Bound how many run at once. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const made = { logN: LOG_N, r: R, p: P, salt, hash: Buffer.alloc(HASH_BYTES) };
  return format({ ...made, hash: await scryptOf(password, made) });
}

/** Whether it is the password. Damaged hashes fit none. Takes as long for a wrong password as for the right one. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const known = parse(stored);
  if (known === undefined) return false;
  return timingSafeEqual(await scryptOf(password, known), known.hash);
}

/** Made by an older version, with less effort: hash the password anew once it is known to be right. */
export function isOutdated(stored: string): boolean {
  const known = parse(stored);
  return known === undefined || known.logN < LOG_N || known.r < R || known.p < P;
}

/** A hash that no password fits, as much work to check as any: for users that there are not. */
export function unmatchableHash(): string {
  return format({ logN: LOG_N, r: R, p: P, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) });
}

/** The same password typed on another keyboard may come in other code points (NIST SP 800-63B 3.1.1.2): NFKC makes them one. */
function scryptOf(password: string, { logN, r, p, salt, hash }: Hash): Promise<Buffer> {
  const N = 2 ** logN;
  return derive(password.normalize('NFKC'), salt, hash.length, { N, r, p, maxmem: 128 * r * (N + p + 2) });
}

function format({ logN, r, p, salt, hash }: Hash): string {
  return `$scrypt$ln=${logN},r=${r},p=${p}$${base64(salt)}$${base64(hash)}`;
}

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');

function parse(stored: string): Hash | undefined {
  const match =
    /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,88})\$([A-Za-z0-9+/]{43,88})$/.exec(
      stored,
    );
  if (!match) return undefined;
  const [logN, r, p] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const bounded = logN >= 1 && logN <= MOST_LOG_N && r >= 1 && r <= MOST_R && p >= 1 && p <= MOST_P;
  if (!bounded) return undefined;
  return {
    logN,
    r,
    p,
    salt: Buffer.from(match[4] ?? '', 'base64'),
    hash: Buffer.from(match[5] ?? '', 'base64'),
  };
}
