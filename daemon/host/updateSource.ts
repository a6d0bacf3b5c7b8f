/**
 * The folder that updates come from, as it may stand in a file: normalized, and without any character that means
 * something to a shell, to systemd's EnvironmentFile= or between quotes. A `%` may be in it: double it in a unit.
 * Undefined: no such address.
 */
export function updateAddress(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '') return undefined;
  // Not URL's own mending: it strips line breaks, and what was meant then is anybody's guess.
  return /^[A-Za-z0-9._~:/?#[\]@!&()*+,;=%-]{1,2048}$/.test(text) ? url.href : undefined;
}
