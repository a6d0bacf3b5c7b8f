import type { Command } from 'commander';
import type { Context } from './context.ts';

const HELP = `
Each line has a mark: well, LOOK (not wrong yet, or for some sites only), WRONG (the arrow says what to do), ? (it could not
be found out), or none where there is nothing to judge. Nothing is changed and nothing is sent into the network. Passwords,
tokens and addresses with credentials are left out; names, addresses of the box and of cameras are in it.

Run it as root: others may not read the disk’s health, the kernel’s log and Walleye’s token.

Exit status: 0 nothing is wrong, 1 something is wrong, 3 the daemon does not answer (all the rest is told).`;

export function doctorCommand(program: Command, context: () => Context): void {
  program
    .command('doctor')
    .description('how this box is, in one page to send to support')
    .addHelpText('after', HELP)
    .action(async () => {
      // Only now: what it is made of would slow every other command down.
      const { doctor } = await import('./doctor/run.ts');
      await doctor(context());
    });
}
