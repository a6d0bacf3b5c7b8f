/** What provisioning will do: a list that is printed as it is with `--dry-run`, and carried out without. */

export interface Call {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body?: unknown;
}

/** In the order in which they are carried out: recording and layouts need the cameras, the wall its layouts. */
export const ORDER = ['settings', 'user', 'camera', 'recording', 'layout', 'wall'] as const;
export type What = (typeof ORDER)[number];

/** One thing of the box that differs from the file. */
export interface Step {
  what: What;
  name: string;
  change: 'added' | 'changed' | 'replaced';
  /** Which of its fields differ; never their values. */
  fields: string[];
  /** In this order; the first that is refused ends the step. */
  calls: Call[];
}

export interface Change {
  what: What | 'host';
  name: string;
  change: string;
  fields: string[];
}

export interface Problem {
  /** “camera gate” */
  where: string;
  message: string;
}

export interface Plan {
  steps: Step[];
  /** What cannot be done, found before anything was tried. */
  problems: Problem[];
  /** What somebody who reads “nothing to change” should know. */
  notes: string[];
}

/** “wall”, “wall of screen 2” */
export const wallWords = (screen: number): string => (screen === 1 ? 'wall' : `wall of screen ${screen}`);

/** `camera gate: changed (name, password)` */
export function changeLine({ what, name, change, fields }: Change): string {
  const subject = what === 'wall' ? wallWords(Number(name || 1)) : name === '' ? what : `${what} ${name}`;
  return `${subject}: ${change}${fields.length === 0 ? '' : ` (${fields.join(', ')})`}`;
}
