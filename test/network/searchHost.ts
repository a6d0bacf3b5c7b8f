/** A program: searches once and describes what it finds, as the daemon does. Prints one line of JSON. */
import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { describeOnvif } from '../../daemon/camera/onvif.ts';
import { discover } from '../../daemon/discover/discover.ts';
import { otherAddresses } from '../../daemon/discover/otherNetworks.ts';
import type { OnvifDescription } from '../../daemon/schema.ts';

export interface SearchArgument {
  seconds: number;
  username: string;
  password: string;
  /** Others, which multicast does not get to. */
  networks?: string[];
}

export interface SearchOutput {
  devices: Awaited<ReturnType<typeof discover>>['devices'];
  interfaces: string[];
  problems: string[];
  /** What was described before the search was over, by device id. */
  described: Record<string, OnvifDescription>;
  errors: Record<string, string>;
  /** This host's multicast groups during the search, from /proc/net/igmp. */
  groups: string;
}

const { seconds, username, password, networks = [] } = JSON.parse(process.argv[2] ?? '') as SearchArgument;
const output: SearchOutput = {
  devices: [],
  interfaces: [],
  problems: [],
  described: {},
  errors: {},
  groups: '',
};
const asked = new Set<string>();
const others = otherAddresses(networks);
if (typeof others === 'string') throw new Error(others);
const result = await discover({
  seconds,
  others,
  log: pino({ level: 'silent' }),
  found: (device) => {
    output.groups ||= readFileSync('/proc/net/igmp', 'utf8');
    if (device.onvif_url === null || asked.has(device.id)) return;
    asked.add(device.id);
    describeOnvif({ address: device.onvif_url, username, password, timeout: 5000 }).then(
      (description) => {
        output.described[device.id] = description;
      },
      (error: Error) => {
        output.errors[device.id] = error.message;
      },
    );
  },
});
console.log(JSON.stringify({ ...output, ...result }));
process.exit(0);
