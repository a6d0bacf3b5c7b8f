import type { Command } from 'commander';
import { Option } from 'commander';
import type { Role, User } from '../../schema.ts';
import { CliError } from './client.ts';
import { type Context, path } from './context.ts';
import { table } from './output.ts';
import { askPassword } from './password.ts';

/** Users of the daemon. On the box itself this works whatever became of the passwords: it signs in with tokens/cli. */
export function userCommands(program: Command, context: () => Context): void {
  const user = program
    .command('user')
    .description('who may sign in on the admin page: list, add, password, role, remove');

  user
    .command('list')
    .description('all users')
    .action(async () => {
      const { client, show } = context();
      show(await client.call<{ users: User[] }>('GET', '/api/users'), ({ users }) =>
        table(
          ['name', 'role', 'since', 'last sign-in'],
          users.map((one) => [one.name, one.role, day(one.created), day(one.last_login)]),
          'No users yet. Add the first: walleye user add admin --role admin',
        ),
      );
    });

  user
    .command('add')
    .description('add a user; his password is asked for, or read from standard input')
    .argument('<name>', '1 to 64 of A–Z a–z 0–9 . _ @ -')
    .addOption(new Option('--role <role>').choices(['viewer', 'admin']).default('viewer'))
    .action(async (name: string, { role }: { role: Role }) => {
      const { client, show } = context();
      const password = await newPassword(name);
      const added = await client.call<User>('POST', '/api/users', { name, role, password });
      show(added, (one) => `Added ${one.name} (${one.role}).`);
    });

  user
    .command('password')
    .description('set a user’s password; he is signed out everywhere')
    .argument('<name>')
    .action(async (name: string) => {
      const { client, show } = context();
      const password = await newPassword(name);
      show(
        await client.call<User>('PATCH', path('users', name), { password }),
        () => `Set the password of ${name}.`,
      );
    });

  user
    .command('role')
    .description('make a user an administrator or a viewer')
    .argument('<name>')
    .addArgument(program.createArgument('<role>').choices(['viewer', 'admin']))
    .action(async (name: string, role: Role) => {
      const { client, show } = context();
      show(await client.call<User>('PATCH', path('users', name), { role }), () => `${name} is ${role} now.`);
    });

  user
    .command('remove')
    .description('remove a user')
    .argument('<name>')
    .action(async (name: string) => {
      const { client, show } = context();
      await client.call('DELETE', path('users', name));
      show({ removed: name }, () => `Removed ${name}.`);
    });
}

async function newPassword(name: string): Promise<string> {
  const password = await askPassword(`New password of ${name}: `);
  if (!process.stdin.isTTY) return password;
  if ((await askPassword('Once more: ')) === password) return password;
  throw new CliError(2, 'passwords_differ', 'The two passwords differ. Nothing was changed; try again.');
}

function day(time: number | null): string | null {
  return time === null ? null : new Date(time * 1000).toISOString().slice(0, 16).replace('T', ' ');
}
