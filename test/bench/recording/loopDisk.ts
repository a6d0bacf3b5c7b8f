/** A disk of one's own for a measure: an image file as a loop device with ext4, that can be taken away as if by its cable. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BYTES = 8e9;
/**
 * EXT4_IOC_SHUTDOWN without a flush of the journal: from then on every call fails with EIO, as after a pulled cable, and nothing
 * more is written. Node has no ioctl; every Debian has Perl.
 */
const SHUT_DOWN =
  'open(my $f, "<", $ARGV[0]) or die "$!\\n"; my $how = pack("L", 2); ioctl($f, 0x8004587d, $how) or die "$!\\n"';

export class LoopDisk {
  /** Where it is mounted; an empty folder of the disk below while it is away. */
  readonly folder: string;
  readonly #image: string;
  #device: string | undefined;

  /** @throws Error unless we are root on a machine with loop devices */
  constructor(base: string) {
    if (process.getuid?.() !== 0) throw new Error('--disk needs root: it makes and mounts a loop device');
    this.folder = join(base, 'disk');
    this.#image = join(base, 'disk.img');
    writeFileSync(this.#image, '');
    truncateSync(this.#image, BYTES);
    mkdirSync(this.folder);
    run('mkfs.ext4', '-q', '-F', this.#image);
    this.putBack();
  }

  putBack(): void {
    this.#device = run('losetup', '--find', '--show', this.#image).trim();
    run('mount', this.#device, this.folder);
  }

  /** In the middle of whatever is being written. */
  yank(): void {
    run('perl', '-e', SHUT_DOWN, this.folder);
    this.#away();
  }

  /** Lazily: whoever has files open there keeps what is left of it until he closes them. */
  #away(): void {
    const device = this.#device;
    this.#device = undefined;
    run('umount', '--lazy', this.folder);
    // A device in use is given back when its last user is gone.
    if (device) run('losetup', '--detach', device);
  }

  async stop(): Promise<void> {
    if (this.#device) this.#away();
  }
}

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8' });
}
