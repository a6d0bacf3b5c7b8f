/** The lines that a doctor’s page is made of. Pure. */
import type { DoctorLine, DoctorMark } from '../../schema.ts';

export type Measure = readonly [value: number, unit: string];

function line(
  mark: DoctorMark,
  id: string,
  name: string,
  text: string,
  advice: string | null,
  measure?: Measure,
): DoctorLine {
  const [value, unit] = measure ?? [null, null];
  return { id, mark, name, text, advice, value, unit };
}

/** Nothing to judge. */
export const fact = (id: string, name: string, text: string, measure?: Measure) =>
  line('fact', id, name, text, null, measure);
export const well = (id: string, name: string, text: string, measure?: Measure) =>
  line('well', id, name, text, null, measure);
/** Not wrong yet, or wrong for some sites only. */
export const look = (id: string, name: string, text: string, advice: string, measure?: Measure) =>
  line('look', id, name, text, advice, measure);
export const wrong = (id: string, name: string, text: string, advice: string, measure?: Measure) =>
  line('wrong', id, name, text, advice, measure);
/** @param why it could not be found out */
export const unknown = (id: string, name: string, why: string, advice: string | null = null) =>
  line('unknown', id, name, why, advice);

/** A number against two limits: well below `looks`, wrong from `wrongs` on. */
export function graded(
  id: string,
  name: string,
  text: string,
  advice: string,
  measure: Measure,
  limits: { looks: number; wrongs?: number },
): DoctorLine {
  const [value] = measure;
  if (limits.wrongs !== undefined && value >= limits.wrongs) return wrong(id, name, text, advice, measure);
  return value >= limits.looks ? look(id, name, text, advice, measure) : well(id, name, text, measure);
}
