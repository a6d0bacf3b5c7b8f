/** The Range header (RFC 9110 §14). Pure. */

export interface ByteRange {
  readonly first: number;
  /** The one after the last. */
  readonly end: number;
}

const RANGE = /^bytes=(\d*)-(\d*)$/i;

/**
 * @returns undefined: all of it, also for what we do not serve (several ranges, other units), which is to be passed over;
 * `unsatisfiable`: nothing of it is there
 */
export function readRange(
  header: string | undefined,
  length: number,
): ByteRange | 'unsatisfiable' | undefined {
  const match = header === undefined ? null : RANGE.exec(header.trim());
  const [, from = '', to = ''] = match ?? [];
  if (!match || (from === '' && to === '')) return undefined;
  if (from === '') {
    const last = Number(to);
    return last === 0 || length === 0 ? 'unsatisfiable' : { first: Math.max(0, length - last), end: length };
  }
  const first = Number(from);
  if (to !== '' && Number(to) < first) return undefined;
  if (first >= length) return 'unsatisfiable';
  return { first, end: to === '' ? length : Math.min(Number(to) + 1, length) };
}
