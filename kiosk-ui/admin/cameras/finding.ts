import type { DiscoveredDevice, Discovery } from '../../../daemon/schema.ts';

/** Devices that ask for a password, those of one make together: one installer, one password, many cameras. */
export interface LockedGroup {
  /** Lower case; null: the makes are not known. */
  make: string | null;
  devices: DiscoveredDevice[];
}

export interface Sorted {
  added: DiscoveredDevice[];
  asking: DiscoveredDevice[];
  locked: LockedGroup[];
  failed: DiscoveredDevice[];
}

/** What to do about each device that was found, and who of them belong together. Removed ones are left out. */
export function sorted({ devices }: Pick<Discovery, 'devices'>): Sorted {
  const of = (...states: DiscoveredDevice['adoption'][]) =>
    devices.filter((device) => states.includes(device.adoption));
  const groups = Map.groupBy(of('needs_password'), ({ make }) => make);
  return {
    added: of('added'),
    asking: of('asking', 'found'),
    locked: [...groups]
      .map(([make, members]) => ({ make, devices: members }))
      .sort((a, b) => b.devices.length - a.devices.length),
    failed: of('failed'),
  };
}

/** What people call it: the name, else the model, else the address. */
export function deviceName({ name, hardware, address }: DiscoveredDevice): string {
  return name ?? hardware ?? address;
}
