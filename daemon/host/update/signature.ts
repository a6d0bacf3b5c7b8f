import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunCommand } from '../commands.ts';

/** The first of the keyrings that is there; undefined: this image takes no updates. */
export async function keyringOf(keyrings: readonly string[]): Promise<string | undefined> {
  for (const path of keyrings) {
    if (((await stat(path).catch(() => undefined))?.size ?? 0) > 0) return path;
  }
  return undefined;
}

export const NO_KEY = 'This image was built without a key, so it takes no updates.';

/**
 * Whether a detached signature over a file was made with a key of the keyring, asked as systemd-pull asks gpg
 * (`verify_gpg()` of its pull-common.c), and its answer read more strictly.
 *
 * @param home an empty folder for gpg, made and removed here
 * @returns undefined: it was; else why not, as a sentence
 */
export async function signatureFault(
  { file, signature, keyring, home }: { file: string; signature: string; keyring: string; home: string },
  run: RunCommand,
): Promise<string | undefined> {
  await rm(home, { recursive: true, force: true });
  await mkdir(home, { recursive: true, mode: 0o700 });
  try {
    const { status, stdout, stderr } = await run([
      'gpg',
      ...[
        '--no-options',
        '--no-default-keyring',
        '--no-auto-key-locate',
        '--no-auto-check-trustdb',
        '--batch',
      ],
      ...['--trust-model=always', `--homedir=${home}`, `--keyring=${keyring}`, '--status-fd=1'],
      ...['--verify', signature, file],
    ]);
    if (status === -1) return `The signature could not be checked: ${stderr.trim().split('\n')[0]}`;
    return status === 0 ? verdictOf(stdout) : (verdictOf(stdout) ?? WRONG);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

const WRONG = 'SHA256SUMS is not signed with this image’s key.';

/** gpg's status lines (doc/DETAILS of GnuPG): one signature, and nothing but good. Pure. */
export function verdictOf(status: string): string | undefined {
  const words = status.split('\n').flatMap((line) => /^\[GNUPG:\] ([A-Z_]+)/.exec(line)?.[1] ?? []);
  if (words.includes('BADSIG')) return 'SHA256SUMS or its signature was changed after it was signed.';
  if (words.includes('REVKEYSIG')) return 'SHA256SUMS is signed with a key that was revoked.';
  if (words.some((word) => ['ERRSIG', 'EXPSIG', 'NODATA', 'NO_PUBKEY'].includes(word))) return WRONG;
  return words.filter((word) => word === 'VALIDSIG').length === 1 ? undefined : WRONG;
}

/** Beside other things that are our own for as long as they take. */
export const gpgHome = (run: string) => join(run, 'gpg');
