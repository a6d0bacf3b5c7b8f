/** Puts a backup back on one box. */
import { runFleet } from './fleet.ts';
import { type CommonOptions, fleetProgram, hostsOf, main } from './program.ts';
import { restoreBox } from './restoring.ts';
import { backupFile, passphraseFrom } from './sealedBackup.ts';

interface Options extends CommonOptions {
  passphraseFile?: string;
}

const HELP = `
Everything that is on the box now is replaced: cameras, layouts, users, settings. The passphrase: WALLEYE_PASSPHRASE or the
first line of --passphrase-file. A box that holds the same already is left alone.`;

const program = fleetProgram('restore', 'put a backup back on a box', 180)
  .argument('<host>', '[user@]host[:port]')
  .argument('<file>', 'a backup, *.walleye')
  .option('--passphrase-file <file>', 'its first line is the passphrase')
  .addHelpText('after', HELP)
  .action(async (given: string, file: string, options: Options) => {
    const hosts = hostsOf([given], {});
    const passphrase = passphraseFrom(options.passphraseFile);
    const backup = await backupFile(file, passphrase);
    process.exitCode = await runFleet(hosts, options, [passphrase], (session) =>
      restoreBox(session, backup, passphrase, options.dryRun === true),
    );
  });

await main(program);
