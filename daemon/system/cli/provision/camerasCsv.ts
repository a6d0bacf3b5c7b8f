/** A table of cameras: the `--cameras` of `walleye provision`. Pure. */
import { CameraAdd } from '../../../schema.ts';
import { parseCsv } from './csv.ts';
import { faultFinder } from './faultFinder.ts';

export const COLUMNS = ['id', 'name', 'address', 'username', 'password', 'main_url', 'sub_url'] as const;
type Column = (typeof COLUMNS)[number];

export interface CsvCamera {
  line: number;
  camera: CameraAdd;
}
export interface CsvFault {
  line: number;
  message: string;
}

const faultsOf = faultFinder(CameraAdd);

/** Every camera of the table, and everything that is wrong with it. An empty cell says nothing. */
export function camerasFromCsv(text: string): { cameras: CsvCamera[]; faults: CsvFault[] } {
  const csv = parseCsv(text);
  if (!csv.ok) return { cameras: [], faults: [{ line: csv.line, message: csv.message }] };
  const [head, ...rows] = csv.rows;
  if (!head)
    return { cameras: [], faults: [{ line: 1, message: `is empty; its columns are ${COLUMNS.join(', ')}` }] };
  const names = head.cells.map((cell) => cell.trim().toLowerCase());
  const headFaults = faultsOfHead(names).map((message) => ({ line: head.line, message }));
  if (headFaults.length > 0) return { cameras: [], faults: headFaults };

  const cameras: CsvCamera[] = [];
  const faults: CsvFault[] = [];
  for (const { line, cells } of rows) {
    if (cells.slice(names.length).some((cell) => cell !== '')) {
      faults.push({ line, message: `has more cells than the ${names.length} columns of the first line` });
      continue;
    }
    const camera = cameraOf((column) => cells[names.indexOf(column)] ?? '');
    faults.push(
      ...faultsOf(camera).map(({ pointer, message }) => ({
        line,
        message: subject(camera, pointer, message),
      })),
    );
    cameras.push({ line, camera });
  }
  return { cameras, faults };
}

function faultsOfHead(names: string[]): string[] {
  const known: readonly string[] = COLUMNS;
  const unknown = names.filter((name) => name !== '' && !known.includes(name));
  const twice = names.filter((name, index) => name !== '' && names.indexOf(name) !== index);
  return [
    ...unknown.map(
      (name) =>
        `has the unknown column ${JSON.stringify(name.slice(0, 80))}; known are ${COLUMNS.join(', ')}`,
    ),
    ...twice.map((name) => `has the column ${name} twice`),
    ...(names.includes('name') ? [] : ['lacks the column name']),
  ];
}

function cameraOf(cell: (column: Column) => string): CameraAdd {
  const trimmed = (column: Column) => cell(column).trim();
  const streams = [
    { profile: 'main', rtsp_url: trimmed('main_url') },
    { profile: 'sub', rtsp_url: trimmed('sub_url') },
  ].filter(({ rtsp_url }) => rtsp_url !== '');
  return {
    ...(trimmed('id') === '' ? {} : { id: trimmed('id') }),
    name: trimmed('name'),
    ...(trimmed('address') === '' ? {} : { address: trimmed('address') }),
    ...(trimmed('username') === '' ? {} : { username: trimmed('username') }),
    // Blanks may belong to a password.
    ...(cell('password') === '' ? {} : { password: cell('password') }),
    ...(streams.length === 0 ? {} : { streams }),
  };
}

function subject(camera: CameraAdd, pointer: string, message: string): string {
  const stream = /^\/streams\/(\d+)/.exec(pointer)?.[1];
  const column = stream === undefined ? pointer.slice(1) : `${camera.streams?.[Number(stream)]?.profile}_url`;
  return column === '' ? message : `${column} ${message}`;
}
