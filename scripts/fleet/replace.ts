/** A spare box takes the place of a dead one: its backup, its name, its network. */
import { connect } from 'node:net';
import { basename } from 'node:path';
import type { Site } from '../../daemon/schema.ts';
import { HostFailure, type Outcome, UsageError } from './failure.ts';
import { runFleet } from './fleet.ts';
import type { Host } from './hosts.ts';
import { offeredKeys, pin, pinnedKeys, unpin } from './pins.ts';
import { type CommonOptions, fleetProgram, hostsOf, main } from './program.ts';
import { provisionBox } from './provisioning.ts';
import { restoreBox } from './restoring.ts';
import { backupFile, passphraseFrom, stemsFrom } from './sealedBackup.ts';
import { secretsOf } from './secrets.ts';
import type { Session } from './session.ts';
import { sitesOf } from './sites.ts';

interface Options extends CommonOptions {
  backup: string;
  config?: string;
  cameras?: string;
  vars?: string;
  passphraseFile?: string;
  force?: true;
}

/** Milliseconds for a box to take a connection. */
const KNOCK = 4_000;
/** SSH, the wall: whatever answers on one of them is alive. */
const DOORS = [22, 80, 443];

const HELP = `
OLD is the dead box, NEW the spare as it can be reached now. NEW gets the backup; from --config (with OLD's line of --vars) its
name, network and time; without --config only OLD's name. While anything answers at OLD's address nothing is done, unless
--force. Afterwards NEW's host key is pinned for OLD's name, in place of the dead box's. Run again, it says
that nothing is to be changed, also when NEW has moved to OLD's address; what was changed on it meanwhile stays.`;

const program = fleetProgram('replace', 'let a spare box take a dead one’s place', 300)
  .argument('<old>', 'the dead box')
  .argument('<new>', 'the spare, as it can be reached now')
  .requiredOption('--backup <file>', 'the dead box’s last backup')
  .option('--config <site.json>', 'its site file')
  .option('--cameras <csv>', 'as of provision')
  .option('--vars <csv>', 'as of provision; the line of OLD counts')
  .option('--passphrase-file <file>', 'its first line is the passphrase; else WALLEYE_PASSPHRASE')
  .option('--force', 'although OLD still answers')
  .addHelpText('after', HELP)
  .action(async (oldText: string, newText: string, options: Options) => {
    const [old, spare] = [hostsOf([oldText], {})[0], hostsOf([newText], {})[0]];
    if (!old || !spare || old.label === spare.label) throw new UsageError('Give two different boxes.');
    const passphrase = passphraseFrom(options.passphraseFile);
    const backup = await backupFile(options.backup, passphrase);
    const site = siteFor(old, options);
    const secrets = [passphrase, ...secretsOf(site)];
    process.exitCode = await runFleet([spare], options, secrets, async (session, print) => {
      const moved = await hasMoved(session, old);
      const box = moved ? session.at(old) : session;
      if (!moved && !options.force && (await answers(old)))
        throw new HostFailure(
          'failed',
          `${old.label} still answers: nothing was done (--force does it anyway)`,
        );
      if (!options.config) print('No --config: of the machine only its name is set, not its network.');
      const dryRun = options.dryRun === true;
      const restored = await restoreBox(box, backup, passphrase, dryRun, stemsFrom);
      // Before its address changes, which may be the last that is heard of it here.
      if (!dryRun) await repin(session, old);
      const provisioned = await provisionBox(box, site, { dryRun, setPasswords: false, host: true });
      return together(restored, provisioned, basename(options.backup));
    });
  });

/** What the spare shall be, besides what is in the backup. */
function siteFor(old: Host, options: Options): Site {
  if (options.config !== undefined) {
    const site = sitesOf([old], { ...options, config: options.config }).get(old);
    if (site) return site;
  }
  const label = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?=\.|$)/.exec(old.address)?.[0];
  const isName = label !== undefined && !/^[\d.]+$/.test(old.address);
  return { walleye_site: 1, ...(isName ? { host: { hostname: label } } : {}) };
}

/** The spare took OLD's address at an earlier run: its pinned key is found there. */
async function hasMoved({ host, options: { pins, connectTimeout } }: Session, old: Host): Promise<boolean> {
  const known = await pinnedKeys(pins, host);
  const offered = await offeredKeys(old, Math.min(5, connectTimeout));
  return offered.some(({ key }) => known.some((one) => one.key === key));
}

/** From now on OLD's name is the spare. */
async function repin({ host, options: { pins } }: Session, old: Host): Promise<void> {
  const [keys, before] = [await pinnedKeys(pins, host), await pinnedKeys(pins, old)];
  const has = (list: typeof keys, key: string) => list.some((one) => one.key === key);
  const same = before.length === keys.length && keys.every(({ key }) => has(before, key));
  if (same || keys.length === 0) return;
  if (before.length > 0) await unpin(pins, old);
  await pin(pins, old, keys);
}

async function answers(host: Host): Promise<boolean> {
  const ports = new Set([host.port ?? 22, ...DOORS]);
  const open = await Promise.all([...ports].map((port) => opens(host.address, port)));
  return open.includes(true);
}

function opens(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: KNOCK });
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.on('connect', () => end(true));
    socket.on('timeout', () => end(false));
    socket.on('error', () => end(false));
  });
}

function together(restored: Outcome, provisioned: Outcome, file: string): Outcome {
  const changed = [restored, provisioned].some(({ result }) => result === 'changed');
  return {
    result: changed ? 'changed' : 'unchanged',
    what: changed ? `${file}: ${restored.what}; site: ${provisioned.what}` : 'nothing to change',
    details: provisioned.details,
  };
}

await main(program);
