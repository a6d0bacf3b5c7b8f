/** Tile index that a digit key dials: 1–9 the first nine, 0 the tenth. Undefined for other keys. */
export function tileOfKey(key: string): number | undefined {
  if (!/^[0-9]$/.test(key)) return undefined;
  return key === '0' ? 9 : Number(key) - 1;
}
