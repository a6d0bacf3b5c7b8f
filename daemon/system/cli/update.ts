import { type Command, Option } from 'commander';
import { CliError } from './client.ts';
import type { Context } from './context.ts';
import type { UpdateOptions } from './updateRun.ts';

const HELP = `
An update is signed, wherever it comes from, and must be newer than what runs. The box restarts by itself; where the new version
does not show what the old one showed, it goes back. Without an option: what runs, and how far an update has come.

--source is a folder with SHA256SUMS, its signature and the files: http(s)://…, file:///… or a path. Only root on the box may
name one.

Exit status: 0 done, 1 it failed or was refused, 2 wrong use, 3 the daemon does not answer.`;

export function updateCommands(program: Command, context: () => Context): void {
  program
    .command('update')
    .description('look for a newer version of the appliance, and install it')
    .addOption(new Option('--check', 'look whether there is a newer one').conflicts(['start', 'dismiss']))
    .addOption(new Option('--start', 'install it, and restart the box').conflicts('dismiss'))
    .option('--dismiss', 'the notice that the box went back to the version before was read')
    .option('--source <folder>', 'instead of the box’s own source of updates')
    .addHelpText('after', HELP)
    .action(async (options: UpdateOptions) => {
      const { client, show } = context();
      // Only now: the schema that it checks with would slow every other command down.
      const { carriedOut, described, desk } = await import('./updateRun.ts');
      const update = await carriedOut(options, client, desk(client));
      show(update, described);
      if ((options.check || options.start) && update.state === 'failed')
        throw new CliError(1, 'update_failed', update.message ?? 'The update failed.');
      if (options.start && !update.supported)
        throw new CliError(1, 'update_unsupported', update.message ?? 'This is no appliance.');
    });

  program
    .command('factory-reset')
    .description('remove everything that was saved; on an appliance all that was ever written')
    .requiredOption('--yes', 'so that nobody does it by accident')
    .action(async () => {
      const { client, show } = context();
      const { desk, order } = await import('./updateRun.ts');
      const root = desk(client);
      if (root) await order(root, 'factory-reset', { confirm: 'RESET' });
      else await client.call('POST', '/api/system/factory-reset', { confirm: 'RESET' });
      show({ restarting: true }, () =>
        root ? 'The box restarts as a new one.' : 'It comes again as a new one.',
      );
    });
}
