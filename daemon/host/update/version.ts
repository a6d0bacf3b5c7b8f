/**
 * Which of two versions is the newer one, as systemd-sysupdate decides it: UAPI.10 Version Format Specification
 * (`strverscmp_improved()`). `~` is before the end, so 1.0~rc1 < 1.0; `^` behind it, so 1.0 < 1.0^hotfix; `-` divides
 * version and release; numbers compare as numbers, letters by their code, capitals first. Pure.
 *
 * @returns < 0: a is older; 0: the same; > 0: a is newer
 */
export function compareVersions(a: string, b: string): number {
  let [left, right] = [a, b];
  for (;;) {
    left = left.replace(NOTHING, '');
    right = right.replace(NOTHING, '');
    for (const mark of ['~', '', '-', '^', '.']) {
      if (mark === '') {
        if (left === '' || right === '') return Number(left !== '') - Number(right !== '');
        continue;
      }
      const [inLeft, inRight] = [left.startsWith(mark), right.startsWith(mark)];
      if (inLeft !== inRight) return inLeft ? -1 : 1;
      if (inLeft) [left, right] = [left.slice(1), right.slice(1)];
    }
    const kind = /^[0-9]/.test(left) || /^[0-9]/.test(right) ? /^[0-9]*/ : /^[A-Za-z]*/;
    const [partOfLeft, partOfRight] = [head(left, kind), head(right, kind)];
    const order = kind.source.includes('0')
      ? numbers(partOfLeft, partOfRight)
      : letters(partOfLeft, partOfRight);
    if (order !== 0) return order;
    left = left.slice(partOfLeft.length);
    right = right.slice(partOfRight.length);
  }
}

const NOTHING = /^[^0-9A-Za-z~^.-]+/;

/** Newest first. */
export function newestFirst(versions: readonly string[]): string[] {
  return [...versions].sort((a, b) => compareVersions(b, a));
}

function head(text: string, kind: RegExp): string {
  return kind.exec(text)?.[0] ?? '';
}

/** Of any length: no number type is as long as a string. Nothing at all is less than 0. */
function numbers(a: string, b: string): number {
  if ((a === '') !== (b === '')) return a === '' ? -1 : 1;
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return left.length - right.length || letters(left, right);
}

function letters(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
