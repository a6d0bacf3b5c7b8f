import { readFile, writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { Backup, Restored } from '../../schema.ts';
import { CliError } from './client.ts';
import type { Context } from './context.ts';
import { askPassword } from './password.ts';

/** As the API demands. */
const SHORTEST = 8;

/** Everything that was saved, in one file. The passphrase is asked for, never an argument: `ps` would show it. */
export function backupCommands(program: Command, context: () => Context): void {
  program
    .command('backup')
    .description('save cameras, layouts, users and settings in one file, sealed with a passphrase')
    .argument('<file>', 'must not be there yet; - is standard output')
    .action(async (file: string) => {
      const { client, show, print } = context();
      const passphrase = await newPassphrase();
      const backup = await client.call<Backup>('POST', '/api/system/backup', { passphrase });
      if (file === '-') return print(JSON.stringify(backup));
      await writeFile(file, `${JSON.stringify(backup)}\n`, { flag: 'wx', mode: 0o600 }).catch(
        (cause: NodeJS.ErrnoException) => {
          const why = cause.code === 'EEXIST' ? 'is there already' : `cannot be written: ${cause.message}`;
          throw new CliError(2, 'unwritable', `${file} ${why}.`, { cause });
        },
      );
      const { name, version } = backup;
      return show(
        { file, name, version },
        () => `Saved ${name} in ${file}. Without the passphrase it is of no use.`,
      );
    });

  program
    .command('restore')
    .description('put back what a backup holds, in place of everything that is here; the daemon starts anew')
    .argument(
      '<file>',
      'as `walleye backup` or the admin page made it; -: standard input, its first line the passphrase',
    )
    .action(async (file: string) => {
      const { client, show } = context();
      const [backup, passphrase] = file === '-' ? await both() : [await read(file), await passphraseOf()];
      const restored = await client.call<Restored>('POST', '/api/system/restore', { backup, passphrase });
      show(restored, ({ cameras, layouts, users, restarting }) => {
        const things = [counted(cameras, 'camera'), counted(layouts, 'layout'), counted(users, 'user')];
        const what = `Back: ${things.join(', ')}.`;
        return restarting ? `${what} Walleye starts anew.` : what;
      });
    });
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

async function newPassphrase(): Promise<string> {
  const passphrase = await askPassword(`Passphrase for the backup, at least ${SHORTEST} characters: `);
  if (passphrase.length < SHORTEST) {
    const message = `A passphrase has at least ${SHORTEST} characters: the file holds every camera’s password.`;
    throw new CliError(2, 'short_passphrase', message);
  }
  // A typing error nobody sees would make the file worthless.
  if (process.stdin.isTTY && (await askPassword('Once more: ')) !== passphrase)
    throw new CliError(2, 'different', 'The two were not the same. Nothing was saved.');
  return passphrase;
}

const passphraseOf = () => askPassword('Passphrase of the backup: ');

/** For programs, over a connection: nothing of it is written to a disk on the way. */
async function both(): Promise<[backup: unknown, passphrase: string]> {
  const given = await text(process.stdin);
  const end = given.indexOf('\n');
  return [await read('standard input', given.slice(end + 1)), given.slice(0, Math.max(0, end))];
}

async function read(file: string, content?: string): Promise<unknown> {
  try {
    return JSON.parse(content ?? (await readFile(file, 'utf8')));
  } catch (cause) {
    const why =
      cause instanceof SyntaxError
        ? 'is no backup of Walleye'
        : `cannot be read: ${(cause as Error).message}`;
    throw new CliError(2, 'unreadable', `${file} ${why}.`, { cause });
  }
}
