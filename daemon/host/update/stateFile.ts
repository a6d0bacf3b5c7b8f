import { readFile } from 'node:fs/promises';
import type { RolledBack, UpdatePhase, UpdateState } from '../../schema.ts';
import { writeAtomically } from '../atomicWrite.ts';
import { withoutSecrets } from './sysupdateOutput.ts';

const PHASES: readonly UpdatePhase[] = [
  'idle',
  'checking',
  'downloading',
  'installing',
  'restarting',
  'confirming',
  'failed',
];

/** Of a box that never heard of an update. */
export function freshState(version: string): UpdateState {
  return {
    version,
    state: 'idle',
    available: null,
    checked: null,
    target: null,
    progress: null,
    message: null,
    source: null,
    rolled_back: null,
  };
}

/**
 * What a state file says: root's own, but perhaps another version's, or damaged. What is not understood is as in a fresh one.
 * Without the schema's compiler, which takes longer than all the rest of a boot's check. Pure, total.
 */
export function stateOf(text: string, version: string): UpdateState {
  let said: Partial<Record<keyof UpdateState, unknown>> = {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) said = value;
  } catch {
    // As an empty one.
  }
  const string = (value: unknown) => (typeof value === 'string' ? value : null);
  const number = (value: unknown) => (typeof value === 'number' ? value : null);
  return {
    version,
    state: PHASES.find((phase) => phase === said.state) ?? 'idle',
    available: string(said.available),
    checked: number(said.checked),
    target: string(said.target),
    progress: number(said.progress),
    message: string(said.message),
    source: string(said.source),
    rolled_back: rolledBackOf(said.rolled_back),
  };
}

function rolledBackOf(value: unknown): RolledBack | null {
  if (typeof value !== 'object' || value === null) return null;
  const { version, reason, at }: Partial<Record<keyof RolledBack, unknown>> = value;
  if (typeof version !== 'string' || typeof reason !== 'string' || typeof at !== 'number') return null;
  return { version, reason, at };
}

/**
 * `state.json`: written as a whole, on the disk when a change returns. Read again at every change: orders and the check
 * of a new version are two programs.
 */
export class StateFile {
  #state: UpdateState;
  #last: Promise<unknown> = Promise.resolve();
  readonly #path: string;

  private constructor(path: string, state: UpdateState) {
    this.#path = path;
    this.#state = state;
  }

  /** @param version that runs */
  static async open(path: string, version: string): Promise<StateFile> {
    const file = new StateFile(path, freshState(version));
    await file.read();
    return file;
  }

  /** As of the last read or change. */
  get state(): Readonly<UpdateState> {
    return this.#state;
  }

  async read(): Promise<Readonly<UpdateState>> {
    const text = await readFile(this.#path, 'utf8').catch(() => '');
    this.#state = stateOf(text, this.#state.version);
    return this.#state;
  }

  /** Everybody may read it, so no address keeps its password. @throws the file system's error */
  change(change: Partial<UpdateState>): Promise<void> {
    const changed = this.#last.then(async () => {
      const next = { ...(await this.read()), ...change };
      for (const key of ['message', 'source'] as const) {
        const text = next[key];
        if (text !== null) next[key] = withoutSecrets(text);
      }
      await writeAtomically(this.#path, `${JSON.stringify(next, undefined, 2)}\n`, { mode: 0o644 });
      this.#state = next;
    });
    this.#last = changed.catch(() => {});
    return changed;
  }
}
