/** Makes the page: all sections at once, each for itself, so that one that goes wrong costs only itself. */
import type { DoctorLine, DoctorMark, DoctorPage, DoctorSection } from '../../schema.ts';
import { clean, cleanLine } from './clean.ts';
import type { DaemonView } from './daemonView.ts';
import { diskLines } from './disk.ts';
import { firmwareLines, readKernelLog } from './firmware.ts';
import { gpuLines } from './gpu.ts';
import { heatLines } from './heat.ts';
import { unknown } from './line.ts';
import { logLines } from './logs.ts';
import { type Machine, textOf } from './machine.ts';
import { memoryLines } from './memory.ts';
import { networkLines } from './network.ts';
import { softwareLines } from './software.ts';
import { timeLines } from './time.ts';
import { unitLines } from './units.ts';

export interface Examination {
  machine: Machine;
  /** What the daemon tells; never rejects. */
  daemon: Promise<DaemonView>;
  /** The version of the files that the command line runs from. */
  installed: string | undefined;
  root: boolean;
}

/** Never rejects, and ends when `machine` and `daemon` do. */
export async function examine({ machine, daemon, installed, root }: Examination): Promise<DoctorPage> {
  const begun = performance.now();
  const kernel = readKernelLog(machine);
  const units = unitLines(machine);
  const sections = await Promise.all([
    section('walleye', 'Walleye', async () =>
      softwareLines(machine, await daemon, await units, { installed, root }),
    ),
    section('firmware', 'Firmware and kernel', async () => firmwareLines(machine, await kernel)),
    section('gpu', 'GPU and codecs', async () => gpuLines(machine, await daemon, (await units).kiosk)),
    section('disk', 'Disk', async () => diskLines(machine, await kernel)),
    section('heat', 'Temperature', async () => heatLines(machine, await kernel)),
    section('memory', 'Memory and load', async () => memoryLines(machine)),
    section('network', 'Network', async () => networkLines(machine)),
    section('time', 'Time', async () => timeLines(machine, await daemon)),
    section('logs', 'Logs', async () => logLines(machine, await daemon)),
  ]);
  const host = clean((await textOf(machine, '/proc/sys/kernel/hostname')) ?? 'unknown');
  const view = await daemon;
  return {
    walleye_doctor: 1,
    time: Math.floor(machine.now()),
    took: Math.round(performance.now() - begun) / 1000,
    host,
    root,
    daemon: view.state,
    counts: counts(sections),
    sections,
  };
}

async function section(id: string, title: string, work: () => Promise<DoctorLine[]>): Promise<DoctorSection> {
  const lines = await work().catch((error: unknown) => [
    unknown(
      `${id}.failed`,
      title,
      `this could not be examined: ${error instanceof Error ? error.message : error}`,
    ),
  ]);
  return { id, title, lines: lines.map(cleanLine) };
}

function counts(sections: readonly DoctorSection[]): DoctorPage['counts'] {
  const found: Record<DoctorMark, number> = { fact: 0, well: 0, look: 0, wrong: 0, unknown: 0 };
  for (const { lines } of sections) for (const { mark } of lines) found[mark]++;
  return found;
}
