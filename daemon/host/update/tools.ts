import type { FollowCommand, RunCommand } from '../commands.ts';
import type { AskDaemon } from './daemonApi.ts';
import type { Places } from './places.ts';

/** What the parts of an update work with. Tests have others. */
export interface Tools {
  places: Places;
  run: RunCommand;
  follow: FollowCommand;
  ask: AskDaemon;
  /** For the journal. */
  log: (line: string) => void;
  /** Unix seconds. */
  now: () => number;
}
