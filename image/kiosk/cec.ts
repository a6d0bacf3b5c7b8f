/** TV sets over HDMI-CEC, by cec-ctl (v4l-utils). Pure: what it prints in, its command lines out. */

export interface Adapter {
  device: string;
  /** The kernel's number of the connector that it belongs to; undefined: it does not say (an adapter at USB). */
  connector: number | undefined;
  /** `1.0.0.0`: where the box is plugged in; undefined: nothing is. */
  address: string | undefined;
}

/** What `cec-ctl --device /dev/cec0` says of an adapter. Total. */
export function readAdapter(device: string, text: string): Adapter {
  const connector = /^\s*DRM Connector Info\s*:\s*card \d+, connector (\d+)/m.exec(text)?.[1];
  const address = /^\s*Physical Address\s*:\s*([0-9a-f](?:\.[0-9a-f]){3})\s*$/m.exec(text)?.[1];
  return {
    device,
    connector: connector === undefined ? undefined : Number(connector),
    address: address === 'f.f.f.f' ? undefined : address,
  };
}

/** Those of one screen: its own, and all that do not say whose they are. @param connector the kernel's number */
export const adaptersOf = (adapters: readonly Adapter[], connector: number | undefined): Adapter[] =>
  adapters.filter((one) => one.connector === undefined || one.connector === connector);

export const infoArgs = (device: string): string[] => ['--device', device];

/** The TV set is always logical address 0. `--playback`: a kernel that has no address yet takes one. */
const to = (device: string): string[] => [
  '--device',
  device,
  '--playback',
  '--osd-name',
  'Walleye',
  '--to',
  '0',
];

export const standbyArgs = ({ device }: Adapter): string[][] => [[...to(device), '--standby']];

/** Wakes the set, then makes it show this input, where it is known which one that is. */
export function wakeArgs({ device, address }: Adapter): string[][] {
  const wake = [...to(device), '--image-view-on'];
  if (address === undefined) return [wake];
  return [wake, ['--device', device, '--playback', '--active-source', `phys-addr=${address}`]];
}
