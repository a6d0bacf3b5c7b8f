/** Values of single boxes, put into a site file that they share. Pure. */
import { parseCsv } from '../../daemon/system/cli/provision/csv.ts';
import { type Host, parseHost } from './hosts.ts';

/** Name → value. */
export type Vars = ReadonlyMap<string, string>;
export type VarsTable = ReadonlyMap<string, Vars>;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A table with the column `host` and one for each variable; every wrong thing as a sentence. */
export function readVars(text: string): { table: VarsTable } | { faults: string[] } {
  const csv = parseCsv(text);
  if (!csv.ok) return { faults: [`line ${csv.line}: ${csv.message}`] };
  const [head, ...rows] = csv.rows;
  const names = head?.cells.map((cell) => cell.trim()) ?? [];
  const at = names.indexOf('host');
  if (at < 0) return { faults: ['lacks the column host'] };
  const faults = names
    .filter((name) => !NAME.test(name))
    .map((name) => `the column ${JSON.stringify(name)} is no name of a variable: A–Z a–z 0–9 _`);
  const table = new Map<string, Vars>();
  for (const { line, cells } of rows) {
    const host = parseHost((cells[at] ?? '').trim());
    if (!host) faults.push(`line ${line}: the host is not of the form [user@]host[:port]`);
    else if (table.has(host.label)) faults.push(`line ${line}: ${host.label} stands there twice`);
    else table.set(host.label, new Map(names.map((name, index) => [name, cells[index] ?? ''])));
  }
  return faults.length > 0 ? { faults } : { table };
}

/**
 * `${name}` in the strings of a JSON text becomes the box's value, `$${` becomes `${`. Line numbers stay what they are.
 * @returns the text, and the names that the box has no value for
 */
export function substitute(json: string, vars: Vars): { text: string; missing: string[] } {
  const missing = new Set<string>();
  const text = json.replace(/"(?:[^"\\]|\\.)*"/g, (string) =>
    fill(string, vars, missing, (value) => JSON.stringify(value).slice(1, -1)),
  );
  return { text, missing: [...missing] };
}

/** The same in a plain text, such as the name of a file. */
export function substitutePlain(plain: string, vars: Vars): { text: string; missing: string[] } {
  const missing = new Set<string>();
  return { text: fill(plain, vars, missing, (value) => value), missing: [...missing] };
}

function fill(text: string, vars: Vars, missing: Set<string>, written: (value: string) => string): string {
  return text.replace(/\$\$\{|\$\{([^{}"]*)\}/g, (whole, name?: string) => {
    if (name === undefined) return '${';
    const value = vars.get(name);
    if (value !== undefined) return written(value);
    missing.add(name);
    return whole;
  });
}

/** What a box is known by in the table; `host` is always there. */
export function varsOf(host: Host, table: VarsTable): Vars | undefined {
  return table.get(host.label) ?? table.get(host.address);
}
