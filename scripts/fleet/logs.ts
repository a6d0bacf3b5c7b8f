/** What the boxes wrote into their journals, each line behind the name of its box. */

import { HostFailure } from './failure.ts';
import { runFleet } from './fleet.ts';
import { type CommonOptions, fleetProgram, hostsOf, main, takesHosts } from './program.ts';
import { cleaner } from './secrets.ts';

interface Options extends CommonOptions {
  since?: string;
  lines: string;
  follow?: true;
}

/** Seconds: --follow ends when somebody ends it. setTimeout knows no more than 24 days. */
const FOR_EVER = 20 * 86_400;

const program = takesHosts(fleetProgram('logs', 'show what the boxes log', 60))
  .option('--since <time>', 'as journalctl takes it: "1 hour ago", 2026-11-21')
  .option('--lines <n>', 'so many of the last; with --since all', '200')
  .option('--follow', 'go on until Ctrl-C')
  .action(async (given: string[], options: Options) => {
    const hosts = hostsOf(given, options);
    if (options.follow) options.parallel = Math.max(options.parallel, hosts.length);
    const clean = cleaner([]);
    const width = Math.max(...hosts.map(({ label }) => label.length));
    const argv = [
      ...['journalctl', '--no-pager', '-o', 'short-iso', '-u', 'walleye*'],
      ...(options.since === undefined ? ['-n', options.lines] : [`--since=${options.since}`]),
      ...(options.follow ? ['--follow'] : []),
    ];
    const work: Parameters<typeof runFleet>[3] = async (session) => {
      if (options.dryRun) return { result: 'unchanged', what: `would run ${argv.join(' ')}` };
      const show = (line: string) =>
        void process.stdout.write(`${session.host.label.padEnd(width)} | ${clean(line)}\n`);
      const timeout = options.follow ? { timeout: FOR_EVER } : {};
      try {
        const { code, err } = await session.run({ argv, line: show, ...timeout });
        if (code === 0) return { result: 'unchanged', what: 'read' };
        throw new HostFailure('failed', err.trim().split('\n').at(-1) || `journalctl ended with ${code}`);
      } catch (error) {
        if (options.follow && session.signal.aborted) return { result: 'unchanged', what: 'stopped' };
        throw error;
      }
    };
    process.exitCode = await runFleet(hosts, options, [], work, process.stderr);
  });

await main(program);
