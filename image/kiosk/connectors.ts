/** The machine's connectors, as the kernel shows them in /sys/class/drm. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONNECTOR } from './settings.ts';

export interface Connector {
  /** HDMI-A-1, as weston and wlroots call it too. */
  name: string;
  folder: string;
  connected: boolean;
  /** The first, which is the one that the monitor prefers; empty: none. */
  mode: string;
  /** Something is shown on it. */
  enabled: boolean;
  /** The kernel's number; undefined: it does not say. */
  id: number | undefined;
}

/** In the order of their names. What goes away meanwhile is left out. */
export function readConnectors(folder = '/sys/class/drm'): Connector[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  const found = names.flatMap((entry): Connector[] => {
    const name = /^card\d+-(.+)$/.exec(entry)?.[1];
    if (name === undefined || !CONNECTOR.test(name) || name.startsWith('Writeback')) return [];
    const own = join(folder, entry);
    const status = read(own, 'status');
    if (status === undefined) return [];
    const id = Number(read(own, 'connector_id') ?? Number.NaN);
    return [
      {
        name,
        folder: own,
        connected: status === 'connected',
        mode: read(own, 'modes')?.split('\n')[0] ?? '',
        enabled: read(own, 'enabled') === 'enabled',
        id: Number.isInteger(id) ? id : undefined,
      },
    ];
  });
  // The same name at two cards: the compositor shows its pictures on one card only.
  const byName = new Map<string, Connector>();
  for (const one of found) if (!byName.get(one.name)?.connected) byName.set(one.name, one);
  return [...byName.values()].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

function read(folder: string, file: string): string | undefined {
  try {
    return readFileSync(join(folder, file), 'utf8').trim();
  } catch {
    return undefined;
  }
}

/**
 * Makes the kernel say that there is no monitor, or look again whether there is one (Documentation/ABI: `status` of a
 * connector, drivers/gpu/drm/drm_sysfs.c). The compositor then switches the output off, or on: the monitor gets no signal
 * and sleeps. A udev rule gives the kiosk's user the right.
 *
 * @returns false: it may not
 */
export function force({ folder }: Connector, word: 'off' | 'detect'): boolean {
  try {
    writeFileSync(join(folder, 'status'), word);
    return true;
  } catch {
    return false;
  }
}
