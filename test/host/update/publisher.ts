import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const UUID = '2d46d15414febf10a8de23b550c6359e';

/** Whoever publishes updates: a folder, and real keys of gpg. */
export class Publisher {
  readonly home = mkdtempSync(join(tmpdir(), 'walleye-gpg-'));
  readonly #keys = new Set<string>();

  /** The public key, for a box's keyring. */
  key(who: string): Buffer {
    this.#make(who);
    return this.#gpg('--export', `${who}@walleye.test`);
  }

  /** Files of a version in the folder; SHA256SUMS not yet. */
  write(folder: string, version: string): void {
    mkdirSync(folder, { recursive: true });
    for (const [name, bytes] of filesOf(version)) writeFileSync(join(folder, name), bytes);
  }

  /** Sums and signature of all that lies there. */
  sign(folder: string, who: string): void {
    this.#make(who);
    const names = readdirSync(folder).filter((name) => !name.startsWith('SHA256SUMS'));
    const sum = (name: string) =>
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex');
    writeFileSync(join(folder, 'SHA256SUMS'), names.map((name) => `${sum(name)}  ${name}\n`).join(''));
    const signature = join(folder, 'SHA256SUMS.gpg');
    const args = ['--yes', '--local-user', `${who}@walleye.test`, '--detach-sign', '--output', signature];
    this.#gpg(...args, join(folder, 'SHA256SUMS'));
  }

  close(): void {
    try {
      execFileSync('gpgconf', ['--homedir', this.home, '--kill', 'all'], { stdio: 'ignore' });
    } finally {
      rmSync(this.home, { recursive: true });
    }
  }

  #make(who: string): void {
    if (this.#keys.has(who)) return;
    this.#keys.add(who);
    const args = ['--passphrase', '', '--quick-gen-key', `${who}@walleye.test`, 'ed25519', 'sign', 'never'];
    this.#gpg(...args);
  }

  #gpg(...args: string[]): Buffer {
    return execFileSync('gpg', ['--homedir', this.home, '--batch', ...args], { stdio: 'pipe' });
  }
}

export function filesOf(version: string): [name: string, bytes: Buffer][] {
  return [
    [`walleye_${version}.usr-x86-64-verity.${UUID}.raw.xz`, Buffer.alloc(3000, 'v')],
    [`walleye_${version}.usr-x86-64.${UUID}.raw.xz`, Buffer.alloc(2_500_000, version)],
    [`walleye_${version}.efi`, Buffer.from(`kernel ${version}`)],
  ];
}
