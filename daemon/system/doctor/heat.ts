/** The section on temperatures and fans. */
import type { DoctorLine } from '../../schema.ts';
import type { KernelLog } from './firmware.ts';
import { complaintsOf } from './kernelLog.ts';
import { fact, graded, look, unknown, well } from './line.ts';
import { type Machine, numberOf, textOf } from './machine.ts';
import { counted } from './words.ts';

const COOL = 'Give the box air, take it out of the sun and of closed furniture, clean its vents.';

export interface Sensor {
  readonly id: string;
  readonly name: string;
  /** Degrees Celsius; `critical`: where the hardware switches itself off, if it says so. */
  readonly celsius: number;
  readonly critical: number | undefined;
}

export async function heatLines(machine: Machine, log: KernelLog): Promise<DoctorLine[]> {
  const [chips, zones, fans, throttled] = await Promise.all([
    chipSensors(machine),
    zoneSensors(machine),
    fanLines(machine),
    throttleLines(machine),
  ]);
  const sensors = [...chips, ...zones].filter(({ celsius }) => isPlausible(celsius)).slice(0, 16);
  const lines = sensors.map(judgedSensor);
  if (lines.length === 0)
    lines.push(unknown('heat.none', 'Temperature', 'this machine has no sensor that the kernel knows'));
  const hot = 'text' in log ? complaintsOf(log.text).hot : undefined;
  if (hot !== undefined)
    lines.push(
      look(
        'heat.kernel_log',
        'Heat in the kernel’s log',
        `${counted(hot.count, 'line')}, the last: ${hot.last}`,
        COOL,
        [hot.count, 'count'],
      ),
    );
  return [...lines, ...throttled, ...fans];
}

/** Sensors that are not connected tell 0, −128, 127.5 and the like. */
function isPlausible(celsius: number): boolean {
  return celsius > 0 && celsius < 125;
}

export function judgedSensor({ id, name, celsius, critical }: Sensor): DoctorLine {
  // Makers set critical where silicon is at its end: Bay Trail tells 110 °C.
  const end = critical !== undefined && critical >= 60 && critical <= 125 ? critical : 100;
  const text = `${Math.round(celsius)} °C${critical === undefined ? '' : ` (critical at ${Math.round(critical)} °C)`}`;
  return graded(id, name, text, COOL, [celsius, 'celsius'], { looks: end - 15, wrongs: end - 5 });
}

async function chipSensors(machine: Machine): Promise<Sensor[]> {
  const chips = (await machine.list('/sys/class/hwmon')).slice(0, 16);
  const all = await Promise.all(
    chips.map(async (chip) => {
      const base = `/sys/class/hwmon/${chip}`;
      const [name = chip, files] = await Promise.all([textOf(machine, `${base}/name`), machine.list(base)]);
      // acpitz and the like are thermal zones too, and told there.
      const inputs = files.filter((file) => /^temp\d+_input$/.test(file)).slice(0, 16);
      const sensors = await Promise.all(
        inputs.map(async (file) => {
          const stem = file.replace(/_input$/, '');
          const [value, critical, label] = await Promise.all([
            numberOf(machine, `${base}/${file}`),
            numberOf(machine, `${base}/${stem}_crit`),
            textOf(machine, `${base}/${stem}_label`),
          ]);
          if (value === undefined) return [];
          const title = label ? `${name} ${label}` : name;
          return [
            {
              id: `heat.${chip}.${stem}`,
              name: title,
              celsius: value / 1000,
              critical: critical === undefined ? undefined : critical / 1000,
            },
          ];
        }),
      );
      return sensors.flat();
    }),
  );
  return all.flat();
}

async function zoneSensors(machine: Machine): Promise<Sensor[]> {
  const zones = (await machine.list('/sys/class/thermal')).filter((name) => /^thermal_zone\d+$/.test(name));
  // Each zone has a chip of its own name in hwmon, where the kernel was built so.
  const chips = new Set(
    await Promise.all(
      (await machine.list('/sys/class/hwmon')).map((chip) =>
        textOf(machine, `/sys/class/hwmon/${chip}/name`),
      ),
    ),
  );
  const all = await Promise.all(
    zones.slice(0, 16).map(async (zone) => {
      const base = `/sys/class/thermal/${zone}`;
      const [type = zone, value] = await Promise.all([
        textOf(machine, `${base}/type`),
        numberOf(machine, `${base}/temp`),
      ]);
      if (value === undefined || chips.has(type.replaceAll('-', '_'))) return [];
      return [{ id: `heat.${zone}`, name: type, celsius: value / 1000, critical: undefined }];
    }),
  );
  return all.flat();
}

/** How often the processor slowed itself down because it was too hot (Intel only). */
async function throttleLines(machine: Machine): Promise<DoctorLine[]> {
  const cpus = (await machine.list('/sys/devices/system/cpu')).filter((name) => /^cpu\d+$/.test(name));
  const counts = await Promise.all(
    cpus.flatMap((cpu) =>
      ['core_throttle_count', 'package_throttle_count'].map((file) =>
        numberOf(machine, `/sys/devices/system/cpu/${cpu}/thermal_throttle/${file}`),
      ),
    ),
  );
  const known = counts.filter((count) => count !== undefined);
  if (known.length === 0) return [];
  // All cores of a package count the same event.
  const most = Math.max(...known);
  const [id, name] = ['heat.throttled', 'Slowed down by heat'] as const;
  if (most === 0) return [well(id, name, 'never since the start', [0, 'count'])];
  return [look(id, name, `${counted(most, 'time')} since the start`, COOL, [most, 'count'])];
}

async function fanLines(machine: Machine): Promise<DoctorLine[]> {
  const chips = (await machine.list('/sys/class/hwmon')).slice(0, 16);
  const all = await Promise.all(
    chips.map(async (chip) => {
      const base = `/sys/class/hwmon/${chip}`;
      const files = (await machine.list(base)).filter((file) => /^fan\d+_input$/.test(file)).slice(0, 8);
      const fans = await Promise.all(
        files.map(async (file) => {
          const stem = file.replace(/_input$/, '');
          const [speed, alarm] = await Promise.all([
            numberOf(machine, `${base}/${file}`),
            numberOf(machine, `${base}/${stem}_alarm`),
          ]);
          if (speed === undefined) return [];
          const id = `heat.fan.${chip}.${stem}`;
          const text = `${speed} turns a minute`;
          if (alarm === 1)
            return [look(id, `Fan ${stem}`, text, 'Its alarm is on: does it turn? Clean or replace it.')];
          // A header without a fan tells 0 too.
          return [
            speed === 0
              ? fact(id, `Fan ${stem}`, 'stands still, or there is none')
              : well(id, `Fan ${stem}`, text, [speed, 'count']),
          ];
        }),
      );
      return fans.flat();
    }),
  );
  const lines = all.flat();
  return lines.length === 0 ? [fact('heat.fan', 'Fans', 'none that the kernel knows')] : lines;
}
