/** Reads a provisioning file and the table of cameras beside it; finds everything that is wrong with them. Pure. */
import { Site } from '../../../schema.ts';
import { camerasFromCsv } from './camerasCsv.ts';
import { faultFinder } from './faultFinder.ts';
import { type JsonPlaces, jsonPlaces } from './jsonPlaces.ts';
import { contradictions } from './siteRules.ts';

export interface Fault {
  file: string;
  /** Counted from 1; null: of the file as a whole. */
  line: number | null;
  /** JSON pointer; null in a table. */
  pointer: string | null;
  message: string;
}

export interface NamedText {
  name: string;
  text: string;
}

export type ReadSite = { ok: true; site: Site } | { ok: false; faults: Fault[] };

const faultsOf = faultFinder(Site);

/** @param table the cameras, as CSV: added to those of the file */
export function readSite(file: NamedText, table?: NamedText): ReadSite {
  const parsed = parseJson(file);
  if (!parsed.ok) return { ok: false, faults: [parsed.fault] };
  const { value, places } = parsed;
  const at = (pointer: string): Pick<Fault, 'file' | 'line' | 'pointer'> => ({
    file: file.name,
    line: lineOf(places, pointer),
    pointer,
  });
  const faults: Fault[] = [
    ...places.repeated.map(({ pointer, line }) => ({
      ...{ file: file.name, line, pointer },
      message: 'stands there twice',
    })),
    ...faultsOf(value).map(({ pointer, message }) => ({ ...at(pointer), message })),
  ];
  const csv = table ? camerasFromCsv(table.text) : { cameras: [], faults: [] };
  faults.push(
    ...csv.faults.map(({ line, message }) => ({ file: table?.name ?? '', line, pointer: null, message })),
  );
  // What does not even have the right form is not looked at further.
  if (faults.length > 0) return { ok: false, faults };

  const given = value as Site;
  const own = given.cameras?.length ?? 0;
  const cameras = [...(given.cameras ?? []), ...csv.cameras.map(({ camera }) => camera)];
  const site = cameras.length > 0 ? { ...given, cameras } : given;
  const further = contradictions(site).map(({ pointer, message }): Fault => {
    const index = Number(/^\/cameras\/(\d+)/.exec(pointer)?.[1] ?? -1);
    const row = csv.cameras[index - own];
    if (index < own || !row || !table) return { ...at(pointer), message };
    return { file: table.name, line: row.line, pointer: null, message };
  });
  return further.length > 0 ? { ok: false, faults: further } : { ok: true, site };
}

/** `site.json, line 12, /cameras/2/name: must be …` */
export function faultLine({ file, line, pointer, message }: Fault): string {
  const place = [file, ...(line === null ? [] : [`line ${line}`]), ...(pointer ? [pointer] : [])];
  return `${place.join(', ')}: ${message}`;
}

function parseJson({
  name,
  text,
}: NamedText): { ok: true; value: unknown; places: JsonPlaces } | { ok: false; fault: Fault } {
  const plain = text.replace(/^\uFEFF/, '');
  try {
    return { ok: true, value: JSON.parse(plain), places: jsonPlaces(plain) };
  } catch (error) {
    // V8 quotes what stands around the place, which may be a password: the place only.
    const found = /position (\d+)/.exec((error as Error).message)?.[1];
    const position = found === undefined ? plain.trimEnd().length : Number(found);
    const line = plain.slice(0, position).split('\n').length;
    const column = position - plain.lastIndexOf('\n', position - 1);
    const message = `is not JSON from column ${column} on`;
    return { ok: false, fault: { file: name, line, pointer: null, message } };
  }
}

/** Of the value, or of what it would be a part of. */
function lineOf({ lines }: JsonPlaces, pointer: string): number | null {
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
    const line = lines.get(at);
    if (line !== undefined || at === '') return line ?? null;
  }
}
