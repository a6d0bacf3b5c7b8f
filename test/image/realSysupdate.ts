/**
 * systemd-sysupdate itself, in the Debian that the image is built in: a disk as a file with the image's partitions, an ESP
 * as a folder, signed files. Needs root, and the folder that image/build makes (.state/image/tools).
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandResult, followCommand, runCommand } from '../../daemon/host/commands.ts';
import { placesBelow } from '../../daemon/host/update/places.ts';
import type { Tools } from '../../daemon/host/update/tools.ts';

const IMAGE = join(import.meta.dirname, '../../image/mkosi.extra/usr/lib');
const UUIDS = ['11111111222243338444555555555501', '11111111222243338444555555555502'];
const CALM: CommandResult = { status: 0, stdout: '', stderr: '' };

/** What is to be seen of the disk. */
export interface Seen {
  labels: string[];
  entries: string[];
}

export class Box {
  readonly folder = mkdtempSync(join(tmpdir(), 'walleye-sysupdate-'));
  /** What the box was asked to do to itself. */
  readonly commands: string[][] = [];
  readonly lines: string[] = [];
  readonly #debian: string;
  readonly #gpg: string;

  /** @param debian the folder with Debian 13. Version 1 runs. */
  constructor(debian: string) {
    this.#debian = debian;
    this.#gpg = this.at('gnupg');
    for (const path of ['usr/lib/systemd', 'etc/walleye', 'efi/EFI/Linux', 'published', 'gnupg', 'repart.d'])
      mkdirSync(this.at(path), { recursive: true, mode: 0o700 });
    writeFileSync(this.at('usr/lib/os-release'), 'ID=walleye\nIMAGE_ID=walleye\nIMAGE_VERSION=1\n');
    writeFileSync(this.at('efi/EFI/Linux/walleye_1.efi'), 'one');
    cpSync(join(IMAGE, 'sysupdate.d'), this.at('usr/lib/sysupdate.d'), { recursive: true });
    for (const name of readdirSync(this.at('usr/lib/sysupdate.d')))
      this.#edit(`usr/lib/sysupdate.d/${name}`, (text) =>
        text.replace(/^Path=auto$/m, `Path=${this.at('disk')}`),
      );
    cpSync(join(IMAGE, 'repart.d'), this.at('repart.d'), { recursive: true });
    this.#edit('repart.d/11-usr-verity.conf', (text) =>
      text.replace('Label=_empty', 'Label=walleye_1_verity'),
    );
    this.#edit('repart.d/12-usr.conf', (text) => text.replace('Label=_empty', 'Label=walleye_1'));
    rmSync(this.at('repart.d/40-root.conf'));
    this.#inDebianSync([
      'systemd-repart',
      '--empty=create',
      '--size=8G',
      '--dry-run=no',
      '--offline=yes',
      `--definitions=${this.at('repart.d')}`,
      this.at('disk'),
    ]);
    this.#key('release');
    writeFileSync(
      this.at('usr/lib/systemd/import-pubring.gpg'),
      execFileSync('gpg', ['--homedir', this.#gpg, '--export', 'release@walleye.test']),
    );
  }

  at(path: string): string {
    return join(this.folder, path);
  }

  close(): void {
    try {
      execFileSync('gpgconf', ['--homedir', this.#gpg, '--kill', 'all'], { stdio: 'ignore' });
    } finally {
      rmSync(this.folder, { recursive: true });
    }
  }

  /** Files of a version in the folder `published`, signed by `who`. */
  publish(version: string, who = 'release'): void {
    const files: [string, Buffer][] = [
      [`walleye_${version}.usr-x86-64-verity.${UUIDS[0]}.raw.xz`, xz(Buffer.alloc(1 << 20, 'v'))],
      [`walleye_${version}.usr-x86-64.${UUIDS[1]}.raw.xz`, xz(Buffer.alloc(8 << 20, version))],
      [`walleye_${version}.efi`, Buffer.from(`kernel of ${version}`)],
    ];
    for (const [name, bytes] of files) writeFileSync(this.at(`published/${name}`), bytes);
    this.sign(who);
  }

  /** Sums and signature of what lies in `published`. */
  sign(who: string): void {
    if (who !== 'release') this.#key(who);
    const names = readdirSync(this.at('published')).filter((name) => !name.startsWith('SHA256SUMS'));
    const lines = names.map((name) => {
      const sum = createHash('sha256')
        .update(readFileSync(this.at(`published/${name}`)))
        .digest('hex');
      return `${sum}  ${name}\n`;
    });
    writeFileSync(this.at('published/SHA256SUMS'), lines.join(''));
    execFileSync(
      'gpg',
      [
        '--homedir',
        this.#gpg,
        '--batch',
        '--yes',
        '--local-user',
        `${who}@walleye.test`,
        '--detach-sign',
        '--output',
        this.at('published/SHA256SUMS.gpg'),
        this.at('published/SHA256SUMS'),
      ],
      { stdio: 'pipe' },
    );
  }

  seen(): Seen {
    const table = this.#inDebianSync(['sfdisk', '--json', this.at('disk')]);
    const { partitiontable } = JSON.parse(table) as { partitiontable: { partitions: { name: string }[] } };
    return {
      labels: partitiontable.partitions.map(({ name }) => name),
      entries: readdirSync(this.at('efi/EFI/Linux')).sort(),
    };
  }

  /** The beginning of a partition. */
  contents(label: string): string {
    const table = this.#inDebianSync(['sfdisk', '--json', this.at('disk')]);
    const { partitiontable } = JSON.parse(table) as {
      partitiontable: { partitions: { name: string; start: number }[] };
    };
    const start = partitiontable.partitions.find(({ name }) => name === label)?.start ?? -1;
    const out = execFileSync('dd', [`if=${this.at('disk')}`, `skip=${start}`, 'bs=512', 'count=1'], {
      stdio: 'pipe',
    });
    return out.toString('latin1').slice(0, 4);
  }

  get tools(): Tools {
    return {
      places: placesBelow(this.folder),
      run: async (argv) => {
        if (argv[0] === 'systemctl') {
          this.commands.push([...argv]);
          return CALM;
        }
        if (argv[0] === 'bootctl') return { ...CALM, stdout: `${this.at('efi')}\n` };
        return runCommand(this.#wrapped(argv));
      },
      follow: (argv, onLine) => followCommand(this.#wrapped(argv), onLine),
      ask: async () => undefined,
      log: (line) => this.lines.push(line),
      now: () => 1000,
    };
  }

  #key(who: string): void {
    execFileSync(
      'gpg',
      [
        '--homedir',
        this.#gpg,
        '--batch',
        '--passphrase',
        '',
        '--quick-gen-key',
        `${who}@walleye.test`,
        'ed25519',
        'sign',
        'never',
      ],
      { stdio: 'pipe' },
    );
  }

  #edit(path: string, change: (text: string) => string): void {
    writeFileSync(this.at(path), change(readFileSync(this.at(path), 'utf8')));
  }

  /** In that Debian, with this box's folder at its own place; what is mounted for it is gone with the program. */
  #wrapped(argv: readonly string[]): string[] {
    const script = `
      debian=$1 box=$2; shift 2
      mount -t tmpfs none "$debian/tmp"
      mkdir -p "$debian$box"
      mount --bind "$box" "$debian$box"
      for folder in proc sys dev; do mount --rbind "/$folder" "$debian/$folder"; done
      mount --bind "$box/usr/lib/os-release" "$debian/usr/lib/os-release"
      if [ -f "$box/usr/lib/systemd/import-pubring.gpg" ]; then
        mount --bind "$box/usr/lib/systemd/import-pubring.gpg" "$debian/usr/lib/systemd/import-pubring.gpg"
      fi
      exec chroot "$debian" env SYSTEMD_ESP_PATH="$box/efi" SYSTEMD_RELAX_ESP_CHECKS=1 "$@"`;
    return [
      'unshare',
      '--mount',
      '--propagation=private',
      'sh',
      '-euc',
      script,
      'sh',
      this.#debian,
      this.folder,
      ...argv,
    ];
  }

  #inDebianSync(argv: string[]): string {
    const [program = '', ...args] = this.#wrapped(argv);
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }
}

function xz(bytes: Buffer): Buffer {
  return execFileSync('xz', ['-1'], { input: bytes, maxBuffer: 1 << 26 });
}
