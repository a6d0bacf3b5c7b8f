/** Makes boxes what a site file says. */
import { runFleet } from './fleet.ts';
import { type CommonOptions, fleetProgram, hostsOf, main, takesHosts } from './program.ts';
import { provisionBox } from './provisioning.ts';
import { secretsOf } from './secrets.ts';
import { type SiteOptions, sitesOf } from './sites.ts';

interface Options extends CommonOptions, SiteOptions {
  setPasswords?: true;
  host: boolean;
}

const HELP = `
With --vars, \${name} in a string of the site file (and in the name of the --cameras file) becomes the value of that column in
the line of the box; $\${ is a plain \${. The column host names the box as on the command line.`;

const program = takesHosts(fleetProgram('provision', 'make boxes what a site file says', 600))
  .requiredOption('--config <site.json>', 'what the boxes shall be; - is standard input')
  .option('--cameras <csv>', 'more cameras: id, name, address, username, password, main_url, sub_url')
  .option('--vars <csv>', 'values of single boxes: host, and a column for each variable')
  .option('--set-passwords', 'send every password again')
  .option('--no-host', 'leave the machines beneath Walleye alone')
  .addHelpText('after', HELP)
  .action(async (given: string[], options: Options) => {
    const hosts = hostsOf(given, options);
    const sites = sitesOf(hosts, options);
    const flags = {
      dryRun: options.dryRun === true,
      setPasswords: options.setPasswords === true,
      host: options.host,
    };
    process.exitCode = await runFleet(hosts, options, secretsOf([...sites.values()]), async (session) => {
      const site = sites.get(session.host);
      if (!site) throw new Error(`no site for ${session.host.label}`);
      return provisionBox(session, site, flags);
    });
  });

await main(program);
