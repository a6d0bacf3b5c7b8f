/** What was measured, as a table and as JSON. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import Table from 'cli-table3';
import { root } from './child.ts';

export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** The value is to be at most this. */
  bound?: number;
}

export class Figures {
  readonly list: Figure[] = [];

  add(name: string, value: number, unit: string, bound?: number): void {
    this.list.push({ name, value, unit, ...(bound === undefined ? {} : { bound }) });
  }

  /** Prints the table and writes the JSON. @param compare a JSON file of another run, shown beside */
  report(json: string, compare: string | undefined): void {
    const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string })
      .version;
    const { list: figures } = this;
    const result = { version, date: new Date().toISOString(), cores: availableParallelism(), figures };
    const other = compare ? (JSON.parse(readFileSync(compare, 'utf8')) as typeof result) : undefined;
    const table = new Table({
      head: ['', 'value', 'unit', 'bound', ...(other ? [`${other.version}`, 'ratio'] : [])],
      style: { head: [], border: [] },
      // No lines between rows: there are a hundred of them.
      chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    });
    for (const { name, value, unit, bound } of figures) {
      const before = other?.figures.find((figure) => figure.name === name)?.value;
      const compared = other ? [before?.toFixed(2) ?? '', before ? (value / before).toFixed(2) : ''] : [];
      const verdict = bound === undefined ? '' : `≤ ${bound} ${value <= bound ? '✓' : '✗'}`;
      table.push([name, value.toFixed(2), unit, verdict, ...compared]);
    }
    console.log(table.toString());
    mkdirSync(dirname(json), { recursive: true });
    writeFileSync(json, `${JSON.stringify(result, undefined, 2)}\n`);
    console.log(`JSON: ${json}`);
  }
}

/** The value below which so many per cent of the values lie; of none: NaN. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  if (percent === 50 && sorted.length % 2 === 0 && sorted.length > 0)
    return ((sorted[sorted.length / 2 - 1] ?? 0) + (sorted[sorted.length / 2] ?? 0)) / 2;
  return sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}
