import type { Command } from 'commander';
import type { RememberedCredential } from '../../schema.ts';
import type { Context } from './context.ts';
import { path } from './context.ts';
import { table } from './output.ts';

export function credentialCommands(program: Command, context: () => Context): void {
  const credentials = program
    .command('credentials')
    .description('logins that opened cameras, tried once on the next camera of their make: list, remove');

  credentials
    .command('list')
    .description('all of them; passwords are not shown')
    .action(async () => {
      const { client, show } = context();
      const answer = await client.call<{ credentials: RememberedCredential[] }>('GET', '/api/credentials');
      show(answer, ({ credentials }) =>
        table(
          ['id', 'make', 'user', 'cameras'],
          credentials.map((one) => [one.id, one.make, one.username, one.cameras]),
          'None yet. They are remembered when a camera that was found is logged in to.',
        ),
      );
    });

  credentials
    .command('remove')
    .description('forget one; cameras that were added with it keep theirs')
    .argument('<credential>', 'id')
    .action(async (id: string) => {
      const { client, show } = context();
      await client.call('DELETE', path('credentials', id));
      show({ removed: id }, () => `Forgot ${id}.`);
    });
}
