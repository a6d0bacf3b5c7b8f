import type { Command } from 'commander';
import type { Context } from './context.ts';
import type { ProvisionOptions } from './provision/run.ts';

const HELP = `
What the file leaves out stays as it is; cameras that it does not name stay too. Before anything is written, the whole
file is checked, and everything that is wrong is told. Run again, it changes only what differs.

The table of --cameras has the columns id, name, address, username, password, main_url, sub_url in any order.

Passwords never come out of Walleye and cannot be compared. A camera's is sent when the camera is new or has none, when its
user or address changes or when the camera refuses the one that is there; a user's when he is new. --set-passwords sends all.

Exit status: 0 done, 1 partly failed, 2 the file is wrong, 3 the daemon does not answer.`;

export function provisionCommand(program: Command, context: () => Context): void {
  program
    .command('provision')
    .description(
      'make this box what a file says: settings, users, cameras, layouts, wall, and the machine itself',
    )
    .argument('<file>', 'JSON; - is standard input')
    .option('--cameras <table>', 'more cameras, as CSV')
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--host', 'the machine too: name, network, time, keys (as root)')
    .option('--no-host', 'leave the machine alone (the default)')
    .option('--set-passwords', 'send every password again')
    .addHelpText('after', HELP)
    .action(async (file: string, options: ProvisionOptions) => {
      // Only now: the schema that it checks with would slow every other command down.
      const { provision } = await import('./provision/run.ts');
      await provision(file, options, context());
    });
}
