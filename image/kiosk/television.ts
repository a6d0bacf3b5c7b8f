/** Puts TV sets to sleep and wakes them, where there is an adapter for HDMI-CEC. */
import { readdirSync } from 'node:fs';
import { adaptersOf, infoArgs, readAdapter, standbyArgs, wakeArgs } from './cec.ts';
import { ask } from './programs.ts';

/** Milliseconds; the bus is slow, and a monitor that is no TV set never answers. */
const PATIENCE = 5_000;

/** @param connector the kernel's number of the screen's connector */
export async function television(connector: number | undefined, on: boolean): Promise<void> {
  const devices = readdirSync('/dev').filter((name) => /^cec\d+$/.test(name));
  const adapters = await Promise.all(
    devices.map(async (name) => {
      const device = `/dev/${name}`;
      return readAdapter(device, (await cec(infoArgs(device))) ?? '');
    }),
  );
  for (const adapter of adaptersOf(adapters, connector))
    for (const args of on ? wakeArgs(adapter) : standbyArgs(adapter)) await cec(args);
}

const cec = (args: string[]) => ask('cec-ctl', args, { quiet: true, timeout: PATIENCE });
