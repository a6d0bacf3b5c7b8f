/** Made-up machines for the doctor: a tree of files, and programs that say what they are told to, all below one folder. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LocalMachine } from '../../../daemon/system/doctor/localMachine.ts';

export interface Says {
  out?: string;
  err?: string;
  status?: number;
}

export interface BoxPlan {
  /** Path → content, or where a symbolic link leads. null: it is not there. */
  files: Record<string, string | { link: string } | null>;
  /** Path of a program → its arguments → what it says. null: there is no such program. */
  programs: Record<string, Record<string, Says | string> | null>;
  /** Unix seconds. */
  now: number;
}

/** A plan with some things otherwise. */
export function changed(plan: BoxPlan, changes: Partial<BoxPlan>): BoxPlan {
  return {
    files: { ...plan.files, ...changes.files },
    programs: { ...plan.programs, ...changes.programs },
    now: changes.now ?? plan.now,
  };
}

export interface Box {
  machine: LocalMachine;
  root: string;
  remove(): void;
}

export function makeBox({ files, programs, now }: BoxPlan): Box {
  const root = mkdtempSync(join(tmpdir(), 'walleye-doctor-'));
  const place = (path: string) => {
    const full = join(root, path);
    mkdirSync(dirname(full), { recursive: true });
    return full;
  };
  for (const [path, content] of Object.entries(files)) {
    if (content === null) continue;
    if (typeof content === 'string') writeFileSync(place(path), content);
    else symlinkSync(content.link, place(path));
  }
  let count = 0;
  for (const [path, answers] of Object.entries(programs)) {
    if (answers === null) continue;
    const cases = Object.entries(answers).map(([args, answer]) => {
      const { out = '', err = '', status = 0 } = typeof answer === 'string' ? { out: answer } : answer;
      const stem = place(`answers/${count++}`);
      writeFileSync(`${stem}.out`, out);
      writeFileSync(`${stem}.err`, err);
      return `'${args}') cat '${stem}.out'; cat '${stem}.err' >&2; exit ${status};;`;
    });
    const full = place(path);
    writeFileSync(
      full,
      `#!/bin/sh\ncase "$*" in\n${cases.join('\n')}\nesac\necho "not told: $*" >&2\nexit 64\n`,
    );
    chmodSync(full, 0o755);
  }
  return {
    // Sixteen shells at once on a busy machine take their time.
    machine: new LocalMachine({ root, now: () => now, patience: 60_000, limit: 120_000 }),
    root,
    remove: () => rmSync(root, { recursive: true }),
  };
}
