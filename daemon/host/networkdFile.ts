/** Files of systemd-networkd that a site brings itself. Pure. */

/** Before our own (10-walleye-…), as whoever brings such a file wants it to win. */
export const SITE_NETWORK_FILES = /^09-walleye-[^/]*\.(network|netdev)$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,99}\.(network|netdev)$/;

/** Undefined: not a name of such a file. */
export function siteNetworkName(name: string): string | undefined {
  return NAME.test(name) ? `09-walleye-${name}` : undefined;
}

/**
 * Whether the text has the form of systemd.syntax(7) and the section that makes it a .network or .netdev file.
 * networkd runs no programs, so what stands in it is the site's own affair.
 *
 * @returns what is wrong, as the end of a sentence
 */
export function networkdProblem(name: string, text: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) return 'holds control characters: it is no such file';
  const sections = new Set<string>();
  let continued = false;
  for (const [index, line] of text.split('\n').entries()) {
    const wasContinued = continued;
    if (/^\s*[#;]/.test(line)) continue;
    continued = line.endsWith('\\');
    if (wasContinued || /^\s*$/.test(line)) continue;
    const [, section] = /^\s*\[([A-Za-z0-9]{1,40})\]\s*$/.exec(line) ?? [];
    if (section !== undefined) sections.add(section);
    else if (sections.size === 0 || !/^\s*[A-Za-z0-9]{1,64}\s*=/.test(line)) {
      return `line ${index + 1} is neither a [Section] nor a Setting=value of one`;
    }
  }
  const needed = name.endsWith('.netdev') ? ['NetDev'] : ['Match', 'Network'];
  return needed.every((section) => sections.has(section))
    ? undefined
    : `needs ${needed.map((section) => `[${section}]`).join(' and ')}`;
}
