/** The section on memory and on what work has to wait for. */
import type { DoctorLine } from '../../schema.ts';
import { fact, graded, look, unknown, well } from './line.ts';
import { type Machine, numberOf, textOf } from './machine.ts';
import { type Pressure, parsePressure } from './pressure.ts';
import { parseCounts } from './properties.ts';
import { bytes, joined } from './words.ts';

export async function memoryLines(machine: Machine): Promise<DoctorLine[]> {
  const [mem, cpu, memory, io, load] = await Promise.all([
    textOf(machine, '/proc/meminfo'),
    pressureOf(machine, 'cpu'),
    pressureOf(machine, 'memory'),
    pressureOf(machine, 'io'),
    textOf(machine, '/proc/loadavg'),
  ]);
  return [
    ...memLines(mem),
    ...(await zramLines(machine)),
    fact('memory.load', 'Load', load?.split(' ').slice(0, 3).join(' ') ?? 'not known'),
    pressureLine('cpu', 'Waits for the processor', cpu, CPU),
    pressureLine('memory', 'Waits for memory', memory, MEMORY),
    pressureLine('io', 'Waits for the disk', io, IO),
  ];
}

function memLines(text: string | undefined): DoctorLine[] {
  const counts = parseCounts(text ?? '');
  const [total, free] = [counts.MemTotal, counts.MemAvailable];
  if (total === undefined || free === undefined)
    return [unknown('memory.free', 'Memory', '/proc/meminfo cannot be read')];
  const words = `${bytes(free * 1024)} of ${bytes(total * 1024)} available`;
  const advice = 'Show fewer or smaller tiles, end what is not Walleye’s, or give the box more memory.';
  const measure = [free * 1024, 'bytes'] as const;
  const share = free / total;
  const lines = [
    share < 0.08
      ? look('memory.free', 'Memory', words, advice, measure)
      : well('memory.free', 'Memory', words, measure),
  ];
  const { SwapTotal: swap = 0, SwapFree: swapFree = 0 } = counts;
  const used = (swap - swapFree) * 1024;
  lines.push(
    swap === 0
      ? fact('memory.swap', 'Swap', 'none')
      : graded(
          'memory.swap',
          'Swap',
          `${bytes(used)} of ${bytes(swap * 1024)} used`,
          advice,
          [used, 'bytes'],
          { looks: swap * 1024 * 0.8 },
        ),
  );
  return lines;
}

/** Compressed memory: what went in, and what it takes (Documentation/admin-guide/blockdev/zram.rst). */
async function zramLines(machine: Machine): Promise<DoctorLine[]> {
  const devices = (await machine.list('/sys/block')).filter((name) => /^zram\d+$/.test(name)).slice(0, 4);
  const lines = await Promise.all(
    devices.map(async (device) => {
      const [size, stat] = await Promise.all([
        numberOf(machine, `/sys/block/${device}/disksize`),
        textOf(machine, `/sys/block/${device}/mm_stat`),
      ]);
      const [held, , taken] = (stat ?? '').split(/\s+/).map(Number);
      if (!size) return [];
      const text = joined([
        bytes(size),
        Number.isFinite(held) &&
          Number.isFinite(taken) &&
          `holds ${bytes(held ?? 0)} in ${bytes(taken ?? 0)}`,
      ]);
      return [fact(`memory.zram.${device}`, `Compressed, ${device}`, text)];
    }),
  );
  return lines.flat();
}

async function pressureOf(machine: Machine, what: string): Promise<Pressure> {
  return parsePressure((await textOf(machine, `/proc/pressure/${what}`)) ?? '');
}

/**
 * Percent of the last five minutes. `some` of the processor is usual on a busy wall; `full` of memory or disk means that the
 * wall stood still in that time.
 */
interface Limits {
  readonly of: 'some' | 'full';
  readonly looks: number;
  readonly wrongs: number;
  readonly advice: string;
}
const CPU: Limits = {
  of: 'some',
  looks: 60,
  wrongs: 95,
  advice:
    'Show fewer or smaller tiles or at fewer pictures a second; see whether hardware decodes (“GPU and codecs”).',
};
const MEMORY: Limits = {
  of: 'full',
  looks: 2,
  wrongs: 10,
  advice: 'Show fewer or smaller tiles, or give the box more memory.',
};
const IO: Limits = {
  of: 'full',
  looks: 10,
  wrongs: 40,
  advice: 'The disk is slow or dying (see “Disk”), or something writes much.',
};

function pressureLine(what: string, name: string, pressure: Pressure, limits: Limits): DoctorLine {
  const id = `memory.pressure.${what}`;
  const { some, full } = pressure;
  // Kernels before 5.13 tell no `full` of the processor.
  const stall = pressure[limits.of] ?? some;
  if (some === undefined || stall === undefined)
    return unknown(id, name, 'this kernel does not tell (no /proc/pressure)');
  const text = joined(
    [
      `some ${some.avg10} % of 10 s, ${some.avg300} % of 5 min`,
      full && `all ${full.avg10} % of 10 s, ${full.avg300} % of 5 min`,
    ],
    '; ',
  );
  return graded(id, name, text, limits.advice, [stall.avg300, 'percent'], limits);
}
