/** The page as text, for a terminal and a mail. Pure. */
import type { DoctorLine, DoctorMark, DoctorPage } from '../../schema.ts';
import { clock, counted } from './words.ts';

const MARKS: Record<DoctorMark, string> = {
  fact: '     ',
  well: 'well ',
  look: 'LOOK ',
  wrong: 'WRONG',
  unknown: '?    ',
};
/** Names are at most this wide; longer ones push their text. */
const WIDEST = 30;

export function renderPage(page: DoctorPage): string {
  const head = [
    `Walleye doctor · ${page.host} · ${clock(page.time)} · took ${page.took.toFixed(1)} s`,
    verdict(page),
    ...(page.root ? [] : ['Not run as root: what only root may read is marked with “?”.']),
  ];
  const body = page.sections.map(({ title, lines }) => {
    const width = Math.min(WIDEST, Math.max(0, ...lines.map(({ name }) => name.length)));
    return [`── ${title} ──`, ...lines.map((line) => row(line, width))].join('\n');
  });
  return [head.join('\n'), ...body].join('\n\n');
}

function row({ mark, name, text, advice }: DoctorLine, width: number): string {
  const first = `${MARKS[mark]} ${name.padEnd(width)}  ${text}`;
  return advice === null ? first : `${first}\n      ${' '.repeat(width)}  → ${advice}`;
}

/** One sentence, and what is wrong by its names. */
export function verdict({ counts, sections }: DoctorPage): string {
  const names = sections.flatMap(({ title, lines }) =>
    lines.filter(({ mark }) => mark === 'wrong').map(({ name }) => `${title}: ${name}`),
  );
  const wrong =
    counts.wrong === 0
      ? 'Nothing is wrong'
      : `${counts.wrong === 1 ? '1 thing is' : `${counts.wrong} things are`} wrong (${names.join('; ')})`;
  return `${wrong}; ${counts.look} to look at, ${counted(counts.unknown, 'thing')} not known, ${counts.well} well.`;
}
