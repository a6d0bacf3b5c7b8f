import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { DiscoveredDevice, Discovery } from '../../schema.ts';
import type { Context } from './context.ts';
import { rounded, size, table } from './output.ts';
import { askPassword } from './password.ts';
import { number } from './streams.ts';

/** Milliseconds between two looks at what was found. */
const LOOK = 250;

interface DiscoverOptions {
  seconds?: number;
  network?: string[];
  username?: string;
  password?: string;
  last?: boolean;
  adopt?: boolean;
}

export function discoverCommand(program: Command, context: () => Context): void {
  program
    .command('discover')
    .description('search the network for cameras; they appear as they answer')
    .option('--seconds <n>', 'how long, 1 to 60', number)
    .option('--network <network...>', 'others as well, address by address: 192.168.20.0/24, 192.168.20.17')
    .option('--username <user>', 'to read the profiles of what is found')
    .option('--password <password>', 'asked for when left out and a user is given')
    .option('--adopt', 'add every camera that lets us in, also with logins that opened others of its make')
    .option('--last', 'do not search: show what the last search has found')
    .action(async ({ last, network, ...rest }: DiscoverOptions) => {
      const { client, json, print, show } = context();
      const body = { ...rest, ...(network ? { networks: network } : {}) };
      let state = await client.call<Discovery>('GET', '/api/discovery');
      if (!last) {
        if (body.username !== undefined)
          body.password ??= await askPassword(`Password of ${body.username}: `);
        state = await client.call<Discovery>('POST', '/api/discovery', body);
        const progress = new Progress(json ? () => {} : print);
        while (state.running) {
          progress.tell(state);
          await sleep(LOOK);
          state = await client.call<Discovery>('GET', '/api/discovery');
        }
        progress.tell(state);
        progress.end();
      }
      show(state, report);
    });
}

/** One line for each device when it appears, another when its profiles are known; on a terminal a last line that counts. */
class Progress {
  #print: (text: string) => void;
  #told = new Map<string, string>();
  #counts = false;

  constructor(print: (text: string) => void) {
    this.#print = print;
  }

  tell(state: Discovery): void {
    for (const device of state.devices) {
      const text = line(device);
      if (this.#told.get(device.id) === text) continue;
      this.#told.set(device.id, text);
      this.end();
      this.#print(text);
    }
    if (!process.stderr.isTTY || !state.running) return;
    const elapsed = state.started === null ? 0 : Date.now() / 1000 - state.started;
    process.stderr.write(`\r\u001b[KSearching… ${elapsed.toFixed(0)} s, ${state.devices.length} found`);
    this.#counts = true;
  }

  /** Wipes the counting line. */
  end(): void {
    if (this.#counts) process.stderr.write('\r\u001b[K');
    this.#counts = false;
  }
}

function line(device: DiscoveredDevice): string {
  const what = device.onvif
    ? `${device.onvif.profiles.length} profiles: ${device.onvif.profiles.map((one) => size(one) ?? one.name).join(', ')}`
    : (device.onvif_error?.message ?? `answers ${device.via.join(' and ')}`);
  return `+ ${device.address}  ${title(device)}  ${what}`.replace(/\p{Cc}/gu, '�');
}

function title({ onvif, manufacturer, name, hardware }: DiscoveredDevice): string {
  const made = [onvif?.manufacturer ?? manufacturer, onvif?.model ?? hardware].filter(Boolean).join(' ');
  return name ?? (made || 'unnamed');
}

function report(state: Discovery): string {
  const devices = table(
    ['address', 'name', 'make and model', 'found by', 'state', 'camera', 'profiles', 'onvif'],
    state.devices.map((device) => [
      device.address,
      device.name,
      [device.onvif?.manufacturer ?? device.manufacturer, device.onvif?.model ?? device.hardware]
        .filter(Boolean)
        .join(' '),
      device.via.join(', '),
      device.adoption.replace('_', ' '),
      device.camera,
      device.onvif?.profiles
        .map((profile) => [profile.codec, size(profile), rounded(profile.fps)].filter(Boolean).join(' '))
        .join(', ') ?? device.onvif_error?.code,
      device.onvif_url,
    ]),
    state.started === null ? 'No search yet.' : 'Nothing answered.',
  );
  return [`\n${devices}`, ...state.problems.map((problem) => `! ${problem}`)].join('\n');
}
