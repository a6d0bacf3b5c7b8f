/** What smartctl and eMMC registers tell of a disk's health. Pure and total. */

export type Smart =
  | {
      readonly kind: 'health';
      readonly model: string | undefined;
      /** The disk's own verdict. */
      readonly passed: boolean | undefined;
      /** Percent of the life that its maker promised; may pass 100. */
      readonly used: number | undefined;
      /** Degrees Celsius. */
      readonly temperature: number | undefined;
      /** Hours under power. */
      readonly hours: number | undefined;
      /** Blocks that were replaced, cannot be read, or could not be written. */
      readonly defects: readonly string[];
    }
  /** It tells nothing of itself, as disks of virtual machines and most USB sticks do. */
  | { readonly kind: 'none'; readonly why: string };

/** Normalised value: percent of life that is left. Names of smartmontools' drivedb.h; makers agree on nothing else. */
const LIFE_LEFT =
  /^(Wear_Leveling_Count|Media_Wearout_Indicator|SSD_Life_Left|Perc(ent)?_(Rated_)?(Life|Lifetime)_?(time)?_?(Left|Remain(ing)?)|Remaining_Life(time)?_Perc|Percent_Life(time)?_Remain(ing)?|Drive_Life_Remaining%?)$/i;
/** Raw value: how many. */
const DEFECTS: readonly [id: number, words: string][] = [
  [5, 'replaced blocks'],
  [197, 'blocks that cannot be read'],
  [198, 'blocks that cannot be mended'],
];

/** @param text of `smartctl -j -i -H -A` (smartmontools 7), whatever its exit status */
export function parseSmart(text: string): Smart {
  const root = object(parsed(text));
  const messages = array(object(root.smartctl).messages).map((one) => string(object(one).string));
  const nvme = object(root.nvme_smart_health_information_log);
  const table = array(object(root.ata_smart_attributes).table).map(object);
  const passed = object(root.smart_status).passed;
  const used =
    number(object(root.endurance_used).current_percent) ?? number(nvme.percentage_used) ?? usedOf(table);
  if (typeof passed !== 'boolean' && used === undefined && table.length === 0) {
    const why = messages.find((message) => message !== undefined) ?? 'it tells nothing of its health';
    return { kind: 'none', why: why.replace(/^\/dev\/\S+: /, '') };
  }
  return {
    kind: 'health',
    model: string(root.model_name) ?? string(root.scsi_model_name),
    passed: typeof passed === 'boolean' ? passed : undefined,
    used,
    temperature: number(object(root.temperature).current),
    hours: number(object(root.power_on_time).hours),
    defects: defectsOf(table, nvme),
  };
}

function usedOf(table: readonly Fields[]): number | undefined {
  const left = table
    .filter(({ name }) => LIFE_LEFT.test(string(name) ?? ''))
    .map(({ value }) => number(value))
    .filter((value) => value !== undefined && value <= 100);
  return left.length === 0 ? undefined : 100 - Math.min(...(left as number[]));
}

function defectsOf(table: readonly Fields[], nvme: Fields): string[] {
  const ata = DEFECTS.flatMap(([id, words]) => {
    // Some makers keep several numbers in one raw value; the text begins with the count.
    const raw = object(table.find((one) => one.id === id)?.raw).string;
    const count = Number(/^\d{1,9}/.exec(string(raw) ?? '')?.[0] ?? 0);
    return count > 0 ? [`${count} ${words}`] : [];
  });
  const failing = table
    .filter(({ when_failed }) => when_failed === 'now')
    .map(({ name }) => `${string(name) ?? 'an attribute'} below its limit`);
  const media = number(nvme.media_errors) ?? 0;
  const warning = number(nvme.critical_warning) ?? 0;
  return [
    ...ata,
    ...failing,
    ...(media > 0 ? [`${media} media errors`] : []),
    ...CRITICAL.filter((_words, bit) => (warning >> bit) & 1),
  ];
}

/** NVM Express Base Specification, SMART / Health Information, byte 0. */
const CRITICAL = [
  'few spare blocks left',
  'too hot or too cold',
  'reliability degraded',
  'read-only',
  'backup of its volatile memory failed',
];

/** What an eMMC tells of its wear. */
export interface EmmcLife {
  /** Percent that is used up at most, of the worse of its two kinds of memory; over 100: past its life. */
  readonly used: number;
  /** As JESD84-B51 (EXT_CSD 267) has it. */
  readonly spare: 'normal' | 'warning' | 'urgent' | 'unknown';
}

/**
 * @param life life_time of the card's folder in /sys, such as `0x01 0x02`: steps of a tenth; 0x0b: past its life
 * @param preEol pre_eol_info, such as `0x01`
 * @returns undefined: before eMMC 5.0 it is not told (0x00)
 */
export function parseEmmcLife(life: string, preEol: string | undefined): EmmcLife | undefined {
  const steps = life
    .trim()
    .split(/\s+/)
    .map(hexadecimal)
    .filter((step) => step > 0 && step <= 0x0b);
  if (steps.length === 0) return undefined;
  const spare = (['unknown', 'normal', 'warning', 'urgent'] as const)[hexadecimal(preEol?.trim() ?? '')];
  return { used: Math.max(...steps) * 10, spare: spare ?? 'unknown' };
}

function hexadecimal(text: string): number {
  return /^0x[0-9a-f]{1,2}$/i.test(text) ? Number(text) : 0;
}

type Fields = Readonly<Record<string, unknown>>;
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
const object = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const array = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const string = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const number = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);
