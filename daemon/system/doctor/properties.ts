/** `NAME=value`, one a line, as systemctl show, timedatectl show, os-release and uevent files have it. Pure and total. */

export type Properties = Readonly<Record<string, string | undefined>>;

/** Quotes of os-release(5) are taken away. Lines of another form count for nothing; of two of a name the last counts. */
export function parseProperties(text: string): Properties {
  const found: Record<string, string> = Object.create(null);
  for (const row of text.split('\n')) {
    const [, name, value = ''] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(row) ?? [];
    if (name !== undefined) found[name] = value.replace(/^(["'])(.*)\1\s*$/, '$2').trim();
  }
  return found;
}

/** Several units of one `systemctl show`: an empty line stands between them. */
export function parseUnits(text: string): Properties[] {
  return text
    .split(/\n[ \t]*\n/)
    .filter((block) => block.includes('='))
    .map(parseProperties);
}

/** `name 12`, one a line, as memory.events of a control group and /proc/meminfo (`MemTotal:  3955772 kB`) have it. */
export function parseCounts(text: string): Readonly<Record<string, number | undefined>> {
  const found: Record<string, number> = Object.create(null);
  for (const row of text.split('\n')) {
    const [, name, value] = /^([A-Za-z_()0-9]+):?\s+(\d{1,18})(?:\s|$)/.exec(row) ?? [];
    if (name !== undefined) found[name] = Number(value);
  }
  return found;
}
