/** Pages of made-up boxes, and finding a line in them. */
import assert from 'node:assert/strict';
import { Compile } from 'typebox/compile';
import { type DoctorLine, type DoctorMark, DoctorPage } from '../../../daemon/schema.ts';
import type { DaemonView } from '../../../daemon/system/doctor/daemonView.ts';
import { examine } from '../../../daemon/system/doctor/examine.ts';
import { DAEMON } from './bayTrail.ts';
import { type BoxPlan, makeBox } from './box.ts';

const compiled = Compile(DoctorPage);

export async function pageOf(plan: BoxPlan, view: DaemonView = DAEMON): Promise<DoctorPage> {
  const box = makeBox(plan);
  try {
    const daemon = Promise.resolve(view);
    const page = await examine({ machine: box.machine, daemon, installed: '0.1.0', root: true });
    assert.ok(compiled.Check(page), 'the page is as the schema says');
    return page;
  } finally {
    box.remove();
  }
}
export const linesOf = (page: DoctorPage) => page.sections.flatMap(({ lines }) => lines);
export const marked = (page: DoctorPage, mark: DoctorMark) =>
  linesOf(page)
    .filter((line) => line.mark === mark)
    .map(({ id }) => id);
export function lineOf(page: DoctorPage, id: string): DoctorLine {
  const line = linesOf(page).find((one) => one.id === id);
  assert.ok(line, `${id} is not among ${linesOf(page).map((one) => one.id)}`);
  return line;
}

/** Marks of all lines that want to be looked at. */
export function troubles(page: DoctorPage): Record<string, DoctorMark> {
  const seen = linesOf(page).filter(({ mark }) => mark === 'look' || mark === 'wrong' || mark === 'unknown');
  return Object.fromEntries(seen.map(({ id, mark }) => [id, mark]));
}
