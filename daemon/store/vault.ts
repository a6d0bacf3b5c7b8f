import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { SecretKey } from './secretKey.ts';
import { StoreError } from './storeError.ts';

/** Layout of what is sealed: version (1 byte) · IV (12) · tag (16) · ciphertext. */
const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + IV_BYTES + TAG_BYTES;

/** Tables with a `sealed_password`. */
export type SealedTable = 'camera' | 'stream' | 'credential';

/**
 * Seals passwords with AES-256-GCM (NIST SP 800-38D) under a key that is not in the database. Each is bound to its table
 * and row: copied to another row, where the camera may be an attacker's own, it cannot be opened. The IV is random,
 * which is safe for 2³² passwords under one key.
 */
export class Vault {
  readonly #key: Buffer | null;
  /** Why there is no key, and what to do. */
  readonly problem: string | null;

  constructor(secret: SecretKey) {
    this.#key = secret.key;
    this.problem = secret.problem;
  }

  /** @throws StoreError `io` without a key: a password is never kept in the clear */
  seal(table: SealedTable, id: string | number, password: string): Buffer {
    if (!this.#key) {
      const message = `The password cannot be kept, because there is no key to seal it with: ${this.problem}.`;
      throw new StoreError('io', `${table} ${id}`, message);
    }
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(binding(table, id));
    const text = Buffer.concat([cipher.update(password, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(VERSION), iv, cipher.getAuthTag(), text]);
  }

  /** undefined: sealed with another key, for another row, or damaged. */
  open(table: SealedTable, id: string | number, sealed: Uint8Array): string | undefined {
    if (!this.#key || sealed.length < HEAD_BYTES || sealed[0] !== VERSION) return undefined;
    const iv = sealed.subarray(1, 1 + IV_BYTES);
    const tag = sealed.subarray(1 + IV_BYTES, HEAD_BYTES);
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, iv, { authTagLength: TAG_BYTES })
        .setAAD(binding(table, id))
        .setAuthTag(tag);
      return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }
}

/** Ids hold no line breaks, so that no two rows have the same. */
function binding(table: SealedTable, id: string | number): Buffer {
  return Buffer.from(`walleye\n${table}\n${id}`, 'utf8');
}
