/** Gives boxes a layout, and shows it when asked to. */
import type { LayoutBody, Site, Wall } from '../../daemon/schema.ts';
import { faultLine, readSite } from '../../daemon/system/cli/provision/siteFile.ts';
import { UsageError } from './failure.ts';
import { runFleet } from './fleet.ts';
import { type CommonOptions, fleetProgram, hostsOf, main, takesHosts } from './program.ts';
import { provisionBox } from './provisioning.ts';
import { named } from './sites.ts';

interface Options extends CommonOptions {
  layout: string;
  file: string;
  show?: true;
}

/** Seconds; of a single layout it does not matter. */
const DWELL = 30;

const program = takesHosts(fleetProgram('push-layout', 'give boxes a layout', 120))
  .requiredOption('--layout <name>', 'its name on the boxes')
  .requiredOption('--file <layout.json>', 'as `walleye layout show NAME --json` prints it')
  .option('--show', 'show it: the wall’s sequence becomes this layout; its weekly hours stay')
  .action(async (given: string[], options: Options) => {
    const hosts = hostsOf(given, options);
    const site = siteOf(options);
    process.exitCode = await runFleet(hosts, options, [], async (session) => {
      const flags = { dryRun: options.dryRun === true, setPasswords: false, host: false };
      if (!options.show) return provisionBox(session, site, flags);
      const { answer: wall } = await session.walleye<Wall>(['wall', '--json']);
      const shown = wall.sequence.length === 1 && wall.sequence[0]?.layout === options.layout;
      const sequence = shown ? wall.sequence : [{ layout: options.layout, dwell_seconds: DWELL }];
      return provisionBox(session, { ...site, wall: { ...wall, sequence } }, flags);
    });
  });

function siteOf({ layout, file }: Options): Site {
  const { name, text } = named(file);
  const read = readSite({
    name,
    text: JSON.stringify({ walleye_site: 1, layouts: { [layout]: bodyOf(name, text) } }),
  });
  if (read.ok) return read.site;
  const faults = read.faults.map((fault) => faultLine({ ...fault, line: null }));
  throw new UsageError(`nothing was done, this is wrong:\n${faults.join('\n')}`);
}

/** What `layout show` prints has the name in it, which the command line says anew. */
function bodyOf(file: string, text: string): LayoutBody {
  try {
    const { name: _, ...body } = JSON.parse(text) as LayoutBody & { name?: string };
    return body;
  } catch (cause) {
    throw new UsageError(`${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

await main(program);
