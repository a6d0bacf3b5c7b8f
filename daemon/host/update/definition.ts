/** systemd-sysupdate's definitions, sysupdate.d(5): ours name no source, the site's is put in. Pure. */

/**
 * A definition with its source. Each `Path=` of [Source] is replaced; what follows from the site cannot add a line, as
 * `updateAddress()` lets no line break through, and `%` is doubled, which begins a specifier.
 */
export function withSource(definition: string, source: string): string {
  const path = source.replaceAll('%', '%%');
  let section = '';
  return definition
    .split('\n')
    .map((line) => {
      section = /^\[(\w+)\]/.exec(line)?.[1] ?? section;
      return section === 'Source' && line.startsWith('Path=') ? `Path=${path}` : line;
    })
    .join('\n');
}

/** Which files of a source belong to a version: one pattern for each transfer, with the version as its first group. */
export function sourcePattern(definition: string): RegExp | undefined {
  const [, source = ''] = /^\[Source\]\n([\s\S]*?)(?=^\[|$(?![\s\S]))/m.exec(definition) ?? [];
  const [, pattern] = /^MatchPattern=(\S+)$/m.exec(source) ?? [];
  if (!pattern?.includes('@v')) return undefined;
  const parts = pattern.split(/(@[a-z])/).map((part) => PLACEHOLDERS[part] ?? escaped(part));
  return new RegExp(`^${parts.join('')}$`);
}

/** Of sysupdate.d(5), as far as ours use them. */
const PLACEHOLDERS: Record<string, string> = {
  '@v': '([0-9A-Za-z.~^-]{1,64})',
  '@u': '[0-9A-Fa-f-]{32,36}',
};

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
