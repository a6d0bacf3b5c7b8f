/** How the doctor looks at a machine. Tests give it a made-up one (localMachine.ts on another root). */

/** late: it did not come in time · failed: it is there, and reading or running it went wrong */
export type Failure = 'missing' | 'denied' | 'late' | 'failed';

export type Reading =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly failure: Failure };

export type Ran =
  | { readonly ok: true; readonly status: number; readonly out: string; readonly err: string }
  | { readonly ok: false; readonly failure: Failure };

/** Nothing here throws, and everything ends in time. */
export interface Machine {
  /** A small file; what is longer than a mebibyte is cut. */
  read(path: string): Promise<Reading>;
  /** Names in a folder, in order (`card2` before `card10`); none where there is no such folder. */
  list(path: string): Promise<readonly string[]>;
  /** Where a symbolic link leads, as it is written in the link. */
  target(path: string): Promise<string | undefined>;
  /** Runs a program to its end, in English. */
  run(program: string, ...args: readonly string[]): Promise<Ran>;
  /** Unix seconds. */
  now(): number;
}

/** A file without white space around it; undefined where it cannot be had. */
export async function textOf(machine: Machine, path: string): Promise<string | undefined> {
  const reading = await machine.read(path);
  return reading.ok ? reading.text.trim() : undefined;
}

export async function numberOf(machine: Machine, path: string): Promise<number | undefined> {
  const text = await textOf(machine, path);
  return text !== undefined && /^-?\d{1,19}$/.test(text) ? Number(text) : undefined;
}

/** The last part of where a link leads: the driver of a device, its bus. */
export async function targetName(machine: Machine, path: string): Promise<string | undefined> {
  return (await machine.target(path))?.split('/').at(-1) || undefined;
}

/** What a program says, if it ended well. */
export async function outputOf(
  machine: Machine,
  program: string,
  ...args: readonly string[]
): Promise<string | undefined> {
  const ran = await machine.run(program, ...args);
  return ran.ok && ran.status === 0 ? ran.out : undefined;
}

/** Why there is nothing to say, for `unknown`. */
export function whyNot(failure: Failure, what: string): string {
  switch (failure) {
    case 'missing':
      return `there is no ${what}`;
    case 'denied':
      return `only root may use ${what}`;
    case 'late':
      return `${what} did not answer in time`;
    case 'failed':
      return `${what} cannot be used`;
  }
}

/** The same for a program that ran and ended badly. */
export function whyNoOutput(ran: Ran, program: string): string {
  if (!ran.ok) return whyNot(ran.failure, program);
  const said = `${ran.err}\n${ran.out}`.split('\n').find((text) => text.trim() !== '');
  return `${program} says: ${said?.trim() ?? `nothing, and ends with ${ran.status}`}`;
}
