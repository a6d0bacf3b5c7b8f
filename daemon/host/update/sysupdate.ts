import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../atomicWrite.ts';
import type { FollowCommand, RunCommand } from '../commands.ts';
import { withSource } from './definition.ts';
import {
  availableOf,
  detailsOf,
  isVersion,
  LOUD,
  progressOf,
  reasonOf,
  versionsOf,
} from './sysupdateOutput.ts';
import { compareVersions, newestFirst } from './version.ts';

const PROGRAM = '/usr/lib/systemd/systemd-sysupdate';

export interface SysupdateOptions {
  /** systemd's own definitions, and where ours with the source in them are written. */
  definitions: string;
  written: string;
  /** http(s):// or file://, checked. */
  source: string;
  /** That runs. */
  version: string;
}

/** systemd-sysupdate with a source of its own. Answers are values or a sentence that says what went wrong. */
export class Sysupdate {
  readonly #options: SysupdateOptions;
  readonly #run: RunCommand;
  readonly #follow: FollowCommand;

  private constructor(options: SysupdateOptions, run: RunCommand, follow: FollowCommand) {
    this.#options = options;
    this.#run = run;
    this.#follow = follow;
  }

  /** Writes the definitions. They may hold a password: root's alone. @throws the file system's error */
  static async with(options: SysupdateOptions, run: RunCommand, follow: FollowCommand): Promise<Sysupdate> {
    const { definitions, written, source } = options;
    await rm(written, { recursive: true, force: true });
    await mkdir(written, { recursive: true, mode: 0o700 });
    for (const name of await readdir(definitions)) {
      if (!name.endsWith('.transfer')) continue;
      const text = withSource(await readFile(join(definitions, name), 'utf8'), source);
      await writeAtomically(join(written, name), text, { mode: 0o600 });
    }
    return new Sysupdate(options, run, follow);
  }

  /**
   * The version to install: newer than what runs, and offered as a whole.
   *
   * @param again also one that is installed already and does not run: the box left it, and shall try once more
   */
  async newest(again: boolean): Promise<{ version: string | null } | { problem: string }> {
    const { status, stdout, stderr } = await this.#run(this.#argv('check-new', '--json=short'));
    const available = availableOf(stdout);
    if (status !== 0 || available === undefined) return { problem: reasonOf(stderr) };
    if (available !== null && this.#isNewer(available)) return { version: available };
    if (!again) return { version: null };
    const listed = await this.#run(this.#argv('list', '--json=short'));
    for (const version of newestFirst(versionsOf(listed.stdout))) {
      if (!this.#isNewer(version)) break;
      if ((await this.details(version))?.available) return { version };
    }
    return { version: null };
  }

  /** Undefined: it is neither offered nor installed. */
  async details(version: string): Promise<ReturnType<typeof detailsOf>> {
    if (!isVersion(version)) return undefined;
    const { stdout } = await this.#run(this.#argv('list', version, '--json=short'));
    return detailsOf(stdout);
  }

  /**
   * Installs a version beside the one that runs; what is older makes room. Removed files, `_empty` partitions and the entry in the
   * boot menu come in an order that a power cut may interrupt anywhere (sysupdate.d: the kernel last).
   *
   * @returns undefined: it is installed; else why not
   */
  async install(
    version: string,
    said: (progress: number | 'installing') => void,
  ): Promise<string | undefined> {
    const { status, stderr } = await this.#follow([...LOUD, ...this.#argv('update', version)], (line) => {
      const progress = progressOf(line);
      if (progress !== undefined) said(progress);
    });
    return status === 0 ? undefined : reasonOf(stderr);
  }

  #isNewer(version: string): boolean {
    return compareVersions(version, this.#options.version) > 0;
  }

  #argv(verb: string, ...rest: string[]): string[] {
    const definitions = `--definitions=${this.#options.written}`;
    // Errors as such: `console` does not say which lines are.
    const quiet = ['env', 'SYSTEMD_LOG_TARGET=console-prefixed', 'SYSTEMD_COLORS=0'];
    const argv = [PROGRAM, definitions, '--verify=yes', '--no-pager', verb, ...rest];
    return verb === 'update' ? argv : [...quiet, ...argv];
  }
}
