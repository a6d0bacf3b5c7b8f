/** What provisioning writes: a list of files that is made, compared and written in three different places. */

/** What a file is for: decides what has to be told that it changed. */
export type Part =
  | 'name'
  | 'time'
  | 'network'
  | 'wifi'
  | 'certificates'
  | 'ssh'
  | 'update'
  | 'screen'
  | 'firewall'
  | 'recordings';

/** One file of the machine, always root's. */
export interface HostFile {
  /** Absolute, from the machine's root. */
  path: string;
  /** Text with `\n`, or null: the file shall not be there. */
  content: string | null;
  /** Permission bits. Missing folders are made: 0700 where others may not read the file, else 0755. */
  mode: number;
  concerns: Part;
  /** A symbolic link, `content` is where it points. */
  link?: true;
  /** What shall stand in the file, given what does, where other programs write into it too. */
  merge?: (current: string) => string;
}

export interface HostChange {
  path: string;
  concerns: Part;
  how: 'created' | 'changed' | 'removed';
}

/** What is wrong with a `SiteHost` though its form is right. */
export interface HostProblem {
  /** Where, within `host`: `network[0].gateway`. */
  field: string;
  /** A sentence; never holds a passphrase. */
  message: string;
}

/** A host part that may not be applied, or a file that could not be written. */
export class HostError extends Error {
  readonly code: 'invalid_host' | 'unwritable';
  readonly problems: readonly HostProblem[];

  constructor(code: HostError['code'], problems: readonly HostProblem[], options?: ErrorOptions) {
    super(problems.map((problem) => `${problem.field}: ${problem.message}`).join('\n'), options);
    this.name = 'HostError';
    this.code = code;
    this.problems = problems;
  }
}

const PARTS: Record<Part, string> = {
  name: 'Host name',
  time: 'Time',
  network: 'Network',
  wifi: 'Wi-Fi',
  certificates: 'Certificates',
  ssh: 'SSH keys',
  update: 'Update source',
  screen: 'Screen',
  firewall: 'Firewall',
  recordings: 'Disk of recordings',
};

/** One line for people: `Network: /etc/systemd/network/10-walleye-01.network created`. Holds no secret. */
export function changeLine(change: HostChange): string {
  return `${PARTS[change.concerns]}: ${change.path} ${change.how}`;
}
