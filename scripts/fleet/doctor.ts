/** One page of each box to send to support: `walleye doctor`. */
import { HostFailure } from './failure.ts';
import { runFleet } from './fleet.ts';
import { type CommonOptions, fleetProgram, hostsOf, main, takesHosts } from './program.ts';
import { cleaner } from './secrets.ts';
import { complaint } from './session.ts';

const program = takesHosts(fleetProgram('doctor', 'see how the boxes are', 120)).action(
  async (given: string[], options: CommonOptions) => {
    const hosts = hostsOf(given, options);
    const clean = cleaner([]);
    const work: Parameters<typeof runFleet>[3] = async (session) => {
      if (options.dryRun) return { result: 'unchanged', what: 'would run walleye doctor' };
      session.say('examines itself');
      if (options.json) {
        const { answer, code } = await session.walleye<unknown>(['doctor', '--json']);
        if (code === 0) return { result: 'unchanged', what: 'well', details: answer };
        throw new HostFailure('failed', 'something is wrong with it', answer);
      }
      const result = await session.run({ argv: ['walleye', 'doctor'] });
      // In one piece: pages of several boxes must not mix.
      process.stdout.write(`── ${session.host.label} ──\n${clean(result.out.trimEnd())}\n\n`);
      if (result.code === 0) return { result: 'unchanged', what: 'well' };
      throw new HostFailure('failed', complaint(result));
    };
    process.exitCode = await runFleet(
      hosts,
      options,
      [],
      work,
      options.json ? process.stdout : process.stderr,
    );
  },
);

await main(program);
