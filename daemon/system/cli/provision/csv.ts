/** Tables as spreadsheets save them. Pure and total. */

export interface CsvRow {
  /** Where it begins, counted from 1. */
  line: number;
  cells: string[];
}
export type Csv = { ok: true; rows: CsvRow[] } | { ok: false; line: number; message: string };

const SEPARATORS = [',', ';', '\t'] as const;

/**
 * RFC 4180, and what spreadsheets make of it: a byte order mark; semicolons where the comma is the decimal sign, or
 * tabs; a first line `sep=;`; line ends of any system; quotes in the middle of a cell as they are. Empty rows are left out.
 */
export function parseCsv(given: string): Csv {
  const text = given.replace(/^\uFEFF/, '');
  const hint = /^sep=([,;\t])(\r\n|\r|\n)/i.exec(text);
  const separator = hint?.[1] ?? separatorOf(text);
  const rows: CsvRow[] = [];
  let at = hint?.[0].length ?? 0;
  let line = hint ? 2 : 1;
  let row: CsvRow = { line, cells: [] };
  const endRow = () => {
    if (row.cells.some((cell) => cell !== '')) rows.push(row);
    row = { line, cells: [] };
  };
  while (at < text.length) {
    let cell: string;
    if (text[at] === '"') {
      const quoted = readQuoted(text, at);
      if (quoted === undefined) return { ok: false, line, message: 'a quote (") is opened and never closed' };
      const next = text[quoted.end];
      if (next !== undefined && next !== separator && next !== '\r' && next !== '\n')
        return { ok: false, line, message: 'a quote (") inside a quoted cell must be doubled ("")' };
      cell = quoted.cell;
      at = quoted.end;
      line += lineEnds(cell);
    } else {
      const start = at;
      while (at < text.length && text[at] !== separator && text[at] !== '\r' && text[at] !== '\n') at++;
      cell = text.slice(start, at);
    }
    row.cells.push(cell);
    if (text[at] === separator) {
      at++;
      // A separator at the very end has an empty cell behind it.
      if (at === text.length) row.cells.push('');
    } else if (at < text.length) {
      at += text.startsWith('\r\n', at) ? 2 : 1;
      line++;
      endRow();
    }
  }
  endRow();
  return { ok: true, rows };
}

function readQuoted(text: string, start: number): { cell: string; end: number } | undefined {
  const parts: string[] = [];
  let from = start + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return undefined;
    parts.push(text.slice(from, quote));
    if (text[quote + 1] !== '"') return { cell: parts.join('"'), end: quote + 1 };
    from = quote + 2;
  }
}

function lineEnds(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}

/** The one that the first line has most of, outside quotes. */
function separatorOf(text: string): string {
  const head = (/^(?:"(?:[^"]|"")*"|[^"\r\n])*/.exec(text)?.[0] ?? '').replace(/"(?:[^"]|"")*"/g, '');
  const count = (separator: string) => head.split(separator).length;
  return SEPARATORS.reduce((best, one) => (count(one) > count(best) ? one : best), ',');
}

/** Bytes of a spreadsheet as text; undefined: neither UTF-8 nor marked UTF-16, letters would be wrong. */
export function decodeText(bytes: Uint8Array): string | undefined {
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-16be';
  const marked = utf16 === 'utf-16le' || (bytes[0] === 0xfe && bytes[1] === 0xff);
  try {
    return new TextDecoder(marked ? utf16 : 'utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
