/** How a box's part of the work ends, well or not. */

/** changed · unchanged · failed: it was reached, and it did not do all of it · unreachable · key_refused: not the box that was pinned */
export type Result = 'changed' | 'unchanged' | 'failed' | 'unreachable' | 'key_refused';

export interface Outcome {
  result: Result;
  /** One line for people. */
  what: string;
  /** What the box itself reported, for `--json`. */
  details?: unknown;
}

/** Ends the work on one box. */
export class HostFailure extends Error {
  override name = 'HostFailure';
  readonly result: Exclude<Result, 'changed' | 'unchanged'>;
  readonly details: unknown;

  constructor(result: HostFailure['result'], message: string, details?: unknown) {
    super(message);
    this.result = result;
    this.details = details;
  }
}

/** Wrong use of the command: said before anything was tried. Exit status 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}
