/**
 * Updates, root's part, run by units: `orders` (walleye-orders.service), `health` at each start of the machine
 * (walleye-health.service), `stick` when one is plugged in (walleye-update-stick.service).
 */
import { parseArgs } from 'node:util';
import { followCommand, runCommand } from './commands.ts';
import { askDaemon, doorOf } from './update/daemonApi.ts';
import { ownVersion } from './update/machine.ts';
import { placesBelow, stateFile } from './update/places.ts';
import { StateFile } from './update/stateFile.ts';
import type { Tools } from './update/tools.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    stick: { type: 'string', default: '/dev/disk/by-label/WALLEYE' },
    'mount-at': { type: 'string', default: '/run/walleye-update/mount' },
    report: { type: 'string', default: '/run/walleye-provision/report.json' },
  },
});
const places = placesBelow();
const tools: Tools = {
  places,
  run: runCommand,
  follow: followCommand,
  ask: askDaemon(() => doorOf(places)),
  log: (line) => console.log(line),
  now: () => Date.now() / 1000,
};
const version = await ownVersion(places);
const state = await StateFile.open(stateFile(places), version);

switch (positionals[0]) {
  case 'orders': {
    // Only where there are any: the schema takes long to load.
    const { carryOutOrders } = await import('./update/carryOut.ts');
    await carryOutOrders(tools, state);
    break;
  }
  case 'health': {
    const { judgeBoot } = await import('./update/health.ts');
    const { renewCertificates } = await import('./update/siteCertificates.ts');
    await renewCertificates(tools, version).catch((error: unknown) => console.error(error));
    if (!(await judgeBoot(tools, state))) process.exitCode = 1;
    break;
  }
  case 'stick': {
    const { stickUpdate } = await import('./update/stickUpdate.ts');
    const options = { device: values.stick, mountAt: values['mount-at'], report: values.report, version };
    const ordered = await stickUpdate(tools, options);
    if (ordered !== undefined) console.log(`version ${ordered} is ordered`);
    break;
  }
  default:
    console.error('updating.ts orders|health|stick');
    process.exitCode = 2;
}
