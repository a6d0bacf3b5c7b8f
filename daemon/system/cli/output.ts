import Table from 'cli-table3';

type Cell = string | number | boolean | null | undefined;

/** Columns without lines: narrow, and easy to copy from. Nothing at all for no rows but `empty`. */
export function table(head: string[], rows: Cell[][], empty: string): string {
  if (rows.length === 0) return empty;
  const drawn = new Table({
    head: head.map((title) => title.toUpperCase()),
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '  ',
    },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const row of rows) drawn.push(row.map(text));
  return lines(drawn.toString());
}

/** Name and value, one a line. */
export function facts(rows: [name: string, value: Cell][]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${text(value)}`).join('\n');
}

/** What cameras say of themselves is printed on a terminal: no control characters. */
function text(cell: Cell): string {
  if (cell === null || cell === undefined || cell === '') return '-';
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  return String(cell).replace(/\p{Cc}/gu, '�');
}

function lines(drawn: string): string {
  return drawn
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

export function size(of: { width: number | null; height: number | null }): string | null {
  return of.width === null || of.height === null ? null : `${of.width}×${of.height}`;
}

export function rounded(value: number | null, digits = 1): number | null {
  return value === null ? null : Number(value.toFixed(digits));
}
