/** The command line that all of the fleet's commands share. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { UsageError } from './failure.ts';
import { type Host, hostLines, parseHosts } from './hosts.ts';
import type { SessionOptions } from './session.ts';

/** Exit statuses, for scripts. */
export const EXIT = { done: 0, someFailed: 1, usage: 2, noneReached: 3, keyRefused: 4 } as const;

export interface CommonOptions {
  hosts?: string;
  parallel: number;
  dryRun?: true;
  timeout: number;
  identity?: string;
  knownHosts: string;
  pin?: true;
  fingerprint: string[];
  sudo?: true;
  json?: true;
}

const EXITS = `
Exit status: 0 all done, 1 some failed, 2 wrong use, 3 none reached, 4 a host key was refused.
Nothing ever asks for a password: let your key in on the boxes (authorized_keys in their site file).`;

/** @param timeout seconds that one box may take unless told otherwise */
export function fleetProgram(name: string, description: string, timeout: number): Command {
  return new Command(name)
    .description(description)
    .option('--hosts <file>', 'more hosts, one a line')
    .option('--parallel <n>', 'boxes at once', wholeNumber(1, 256), 8)
    .option('--dry-run', 'say what would be done, and change nothing')
    .option('--timeout <seconds>', 'for one box', wholeNumber(1, 86_400), timeout)
    .option('--identity <key>', 'private key to log in with, instead of ssh’s own')
    .option(
      '--known-hosts <file>',
      'the boxes’ pinned host keys',
      join(homedir(), '.config/walleye/known_hosts'),
    )
    .option('--pin', 'first contact: believe the key that a box without a pinned one offers, and pin it')
    .option(
      '--fingerprint <sha256>',
      'first contact: pin the key with this fingerprint (SHA256:…), no other; may be repeated',
      fingerprints,
      [],
    )
    .option('--sudo', 'become root by `sudo -n`, for boxes that let no root in')
    .option('--json', 'the summary as JSON on standard output')
    .addHelpText('after', EXITS)
    .showHelpAfterError('(--help tells more)')
    .exitOverride();
}

/** `[user@]host[:port] …` as the last arguments of a command. */
export function takesHosts(program: Command): Command {
  return program.argument('[host...]', '[user@]host[:port]; the user is root');
}

export function hostsOf(given: string[], { hosts: file }: { hosts?: string }): Host[] {
  const texts = [...given, ...(file === undefined ? [] : hostLines(readText(file)))];
  if (texts.length === 0) throw new UsageError('Name the boxes, or a file with --hosts.');
  const parsed = parseHosts(texts);
  if ('hosts' in parsed) return parsed.hosts;
  throw new UsageError(`Not of the form [user@]host[:port]: ${parsed.wrong.join(', ')}`);
}

export function sessionOptions(options: CommonOptions): SessionOptions {
  const pins = resolve(options.knownHosts);
  // ssh takes several files in this option, quoted where they hold blanks.
  if (/["\n]/.test(pins)) throw new UsageError(`--known-hosts ${pins}: no quotes in its name, please.`);
  if (options.identity !== undefined && !existsSync(options.identity))
    throw new UsageError(`--identity ${options.identity}: there is no such file.`);
  return {
    pins,
    identity: options.identity === undefined ? undefined : resolve(options.identity),
    connectTimeout: Math.min(15, options.timeout),
    sudo: options.sudo === true,
    timeout: options.timeout,
  };
}

/** @throws UsageError */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** Runs the program on this process's arguments; sets the exit status. */
export async function main(program: Command): Promise<void> {
  // A reader that has enough (`scripts/logs … | head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof UsageError) process.stderr.write(`${program.name()}: ${error.message}\n`);
    // commander has written its own message.
    else if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
}

function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`A whole number from ${low} to ${high}.`);
  };
}

function fingerprints(text: string, before: string[]): string[] {
  if (/^SHA256:[A-Za-z0-9+/]{43}$/.test(text)) return [...before, text];
  throw new InvalidArgumentError('As ssh-keygen -l prints it: SHA256:… with 43 characters.');
}
