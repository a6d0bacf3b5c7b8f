/**
 * Assignments of an environment file (systemd.exec(5)) or of os-release(5): `NAME=value`, plain or quoted, one a line;
 * `#` begins a comment. A later one outweighs an earlier one. Total: what is no assignment is passed over. Pure.
 */
export function assignmentsOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value = ''] = /^\s*([A-Za-z_][A-Za-z0-9_]*)=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) found.set(name, unquoted(value));
  }
  return found;
}

function unquoted(value: string): string {
  if (/^'[^']*'$/.test(value)) return value.slice(1, -1);
  if (/^"(?:[^"\\]|\\.)*"$/.test(value)) return value.slice(1, -1).replace(/\\([\\"$`])/g, '$1');
  return value;
}

/** A whole number within bounds; what is none, or outside of them, is `otherwise`. */
export function wholeNumber(
  text: string | undefined,
  { least, most, otherwise }: { least: number; most: number; otherwise: number },
): number {
  const value = /^[0-9]{1,9}$/.test(text ?? '') ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : otherwise;
}
