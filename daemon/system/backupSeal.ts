/**
 * A backup is one JSON file: a head that everybody may read, and the contents, sealed with a passphrase by scrypt
 * (RFC 7914) and AES-256-GCM (NIST SP 800-38D). The head is sealed too, against changes.
 */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Backup } from '../schema.ts';

/**
 * 128 MiB and a second or two on a small box for each guess; OWASP's first choice. Fewer would do for a wall, but
 * the file lies on other machines for years.
 */
const COST = { n: 2 ** 17, r: 8, p: 1 };
/** What is opened. A file that asks for more would take the box's memory. */
const LEAST_N = 2 ** 14;
const MOST_N = COST.n;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Bytes of contents, unpacked: more than any box holds, and little enough to be in memory. */
const MOST_CONTENTS = 128 * 1024 * 1024;

export type Head = Pick<Backup, 'created' | 'version' | 'name'>;

/** wrong_passphrase: or the file was changed, which cannot be told apart · damaged: it is not whole */
export type Opened =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: 'wrong_passphrase' | 'damaged' };

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** Seals `text`. The passphrase is taken in Unicode’s NFC, so that it can be typed on any keyboard. */
export async function seal(text: string, passphrase: string, head: Head): Promise<Backup> {
  const salt = randomBytes(SALT_BYTES);
  const iv = randomBytes(IV_BYTES);
  const backup: Omit<Backup, 'tag' | 'data'> = {
    walleye_backup: 1,
    created: head.created,
    version: head.version,
    name: head.name,
    kdf: { name: 'scrypt', salt: salt.toString('base64'), ...COST },
    iv: iv.toString('base64'),
  };
  const packed = await pack(text);
  const cipher = createCipheriv('aes-256-gcm', await derive(passphrase, salt, COST), iv, {
    authTagLength: TAG_BYTES,
  }).setAAD(bound(backup));
  const data = Buffer.concat([cipher.update(packed), cipher.final()]);
  return { ...backup, tag: cipher.getAuthTag().toString('base64'), data: data.toString('base64') };
}

/** What was sealed. Never rejects for what the file holds. */
export async function open(backup: Backup, passphrase: string): Promise<Opened> {
  const { n, r, p } = backup.kdf;
  const isPower = Number.isInteger(Math.log2(n));
  if (!isPower || n < LEAST_N || n > MOST_N || r !== COST.r || p !== COST.p)
    return { ok: false, why: 'damaged' };
  const bytes = (text: string) => Buffer.from(text, 'base64');
  const [salt, iv, tag] = [bytes(backup.kdf.salt), bytes(backup.iv), bytes(backup.tag)];
  if (salt.length !== SALT_BYTES || iv.length !== IV_BYTES || tag.length !== TAG_BYTES)
    return { ok: false, why: 'damaged' };
  const decipher = createDecipheriv('aes-256-gcm', await derive(passphrase, salt, { n, r, p }), iv, {
    authTagLength: TAG_BYTES,
  })
    .setAAD(bound(backup))
    .setAuthTag(tag);
  let packed: Buffer;
  try {
    packed = Buffer.concat([decipher.update(bytes(backup.data)), decipher.final()]);
  } catch {
    return { ok: false, why: 'wrong_passphrase' };
  }
  try {
    return { ok: true, text: (await unpack(packed, { maxOutputLength: MOST_CONTENTS })).toString('utf8') };
  } catch {
    return { ok: false, why: 'damaged' };
  }
}

/** The head as one text, so that none of it can be changed without the passphrase. */
function bound({ walleye_backup, created, version, name, kdf, iv }: Omit<Backup, 'tag' | 'data'>): Buffer {
  const { salt, n, r, p } = kdf;
  return Buffer.from(
    JSON.stringify([walleye_backup, created, version, name, kdf.name, salt, n, r, p, iv]),
    'utf8',
  );
}

/** In a thread of libuv's, so that pictures go on meanwhile. */
function derive(
  passphrase: string,
  salt: Buffer,
  cost: { n: number; r: number; p: number },
): Promise<Buffer> {
  const { n, r, p } = cost;
  const options = { N: n, r, p, maxmem: 128 * n * r + 32 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, KEY_BYTES, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
