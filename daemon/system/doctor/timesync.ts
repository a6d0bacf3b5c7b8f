/** What `timedatectl timesync-status` prints: the offset stands nowhere else. Pure and total. */

export interface Timesync {
  /** `192.168.1.1 (ntp.example)` */
  readonly server: string | undefined;
  /** Seconds that our clock was behind at the last answer; undefined: no server has answered. */
  readonly offset: number | undefined;
  readonly stratum: number | undefined;
  readonly packets: number;
}

export function parseTimesync(text: string): Timesync {
  const value = (name: string) =>
    new RegExp(`^\\s*${name}: +(.{1,200})$`, 'm').exec(text)?.[1]?.trim() || undefined;
  const server = value('Server');
  const stratum = Number(value('Stratum'));
  const packets = Number(value('Packet count'));
  return {
    server: server === 'n/a' || server === 'null (null)' ? undefined : server,
    offset: parseSpan(value('Offset') ?? ''),
    stratum: Number.isInteger(stratum) && stratum > 0 ? stratum : undefined,
    packets: Number.isInteger(packets) ? packets : 0,
  };
}

const UNITS: Readonly<Record<string, number>> = {
  us: 1e-6,
  ms: 1e-3,
  s: 1,
  min: 60,
  h: 3600,
  d: 86_400,
  day: 86_400,
  days: 86_400,
  w: 604_800,
  week: 604_800,
  weeks: 604_800,
  month: 2_629_800,
  months: 2_629_800,
  y: 31_557_600,
  year: 31_557_600,
  years: 31_557_600,
};

/**
 * A time span of systemd (systemd.time(7)) in seconds: `+2.497ms`, `-1min 3.2s`, `30s`.
 * @returns undefined: it is none; `infinity` is none either
 */
export function parseSpan(text: string): number | undefined {
  const [, sign, rest = ''] = /^([+-]?)(.*)$/.exec(text.trim()) ?? [];
  let sum = 0;
  const parts = rest.split(/\s+/);
  for (const part of parts) {
    const [, count, unit = ''] = /^(\d{1,12}(?:\.\d{1,9})?)([a-z]*)$/.exec(part) ?? [];
    const size = unit === '' && Number(count) === 0 ? 1 : UNITS[unit];
    if (count === undefined || size === undefined) return undefined;
    sum += Number(count) * size;
  }
  return sign === '-' ? -sum : sum;
}
