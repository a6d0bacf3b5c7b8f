import type { Client } from './client.ts';

/** What every command works with; made from the global options when a command runs. */
export interface Context {
  client: Client;
  /** As the box's own screen, where we may read its token; otherwise as `client`. */
  screen: Client;
  /** For scripts: what the daemon answered, and nothing else. */
  json: boolean;
  /** Writes a line to standard output. */
  print(text: string): void;
  /** The answer as JSON, or what `people` makes of it. */
  show<T>(value: T, people: (value: T) => string): void;
}

export type Run = (context: Context) => Promise<void>;

/** `/api/streams/{name}` and the like. */
export function path(collection: string, name: string, rest = ''): string {
  return `/api/${collection}/${encodeURIComponent(name)}${rest}`;
}
