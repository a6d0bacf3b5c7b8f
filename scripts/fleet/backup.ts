/** Fetches a sealed backup of each box. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { HostFailure } from './failure.ts';
import { runFleet } from './fleet.ts';
import { type CommonOptions, fleetProgram, hostsOf, main, takesHosts } from './program.ts';
import { backupOf, passphraseFrom, writeDurably } from './sealedBackup.ts';

interface Options extends CommonOptions {
  output: string;
  passphraseFile?: string;
}

const HELP = `
The passphrase: WALLEYE_PASSPHRASE or the first line of --passphrase-file. Each run makes new files, HOST-TIME.walleye, and
opens each once to see that it can be opened.`;

const program = takesHosts(fleetProgram('backup', 'fetch a sealed backup of each box', 120))
  .requiredOption('--output <folder>', 'where the files go')
  .option('--passphrase-file <file>', 'its first line is the passphrase')
  .addHelpText('after', HELP)
  .action(async (given: string[], options: Options) => {
    const hosts = hostsOf(given, options);
    const passphrase = passphraseFrom(options.passphraseFile);
    if (!options.dryRun) mkdirSync(options.output, { recursive: true, mode: 0o700 });
    process.exitCode = await runFleet(hosts, options, [passphrase], async (session) => {
      const file = join(options.output, fileName(session.host.label, new Date()));
      if (options.dryRun) {
        await session.walleye(['status', '--json']);
        return { result: 'unchanged', what: `would save ${file}` };
      }
      session.say('makes a backup');
      const { text, contents } = await backupOf(session, passphrase);
      await writeDurably(file, `${text}\n`).catch((error: Error) => {
        throw new HostFailure('failed', `${file} cannot be written: ${error.message}`);
      });
      const what = `${file}: ${contents.cameras.length} cameras, ${contents.layouts.length} layouts`;
      return { result: 'changed', what, details: { file } };
    });
  });

/** `wall-lobby-2026-11-21T104500Z.walleye` */
function fileName(label: string, now: Date): string {
  const time = `${now.toISOString().slice(0, 19).replaceAll(':', '')}Z`;
  return `${label.replace(/[^A-Za-z0-9._-]+/g, '_')}-${time}.walleye`;
}

await main(program);
