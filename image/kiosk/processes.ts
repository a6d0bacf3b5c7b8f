/** The machine's processes, as far as they may be seen: the kiosk's own. */
import { readdirSync, readFileSync } from 'node:fs';
import { type Process, readProcess } from './memory.ts';

export function readProcesses(): Process[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return readProcess(Number(name), readFileSync(`/proc/${name}/status`, 'utf8')) ?? [];
    } catch {
      return [];
    }
  });
}
