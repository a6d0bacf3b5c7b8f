import type { ProvisionReport } from '../../daemon/schema.ts';
import { firstOf, mendOf, sourcesOf } from '../api/report.ts';
import { say } from '../i18n/wallTexts.ts';
import { headingOf } from './notice.ts';

/** What a stick, the boot partition or a credential brought, and what was wrong with it, word for word. */
export function ReportView({
  report,
  problems,
  changes,
}: {
  report: ProvisionReport;
  /** Lines at most. */
  problems: number;
  changes: number;
}) {
  const source = sourcesOf(report, say);
  const { shown, more } = firstOf(report.applied, 0);
  const count = shown.length + more;
  return (
    <div class="report">
      <p class="news-title">{say(headingOf(report), { source })}</p>
      {report.problems.length > 0 && (
        <>
          <Lines lines={report.problems} most={problems} kind="problem" />
          <p>{say(mendOf(report))}</p>
        </>
      )}
      {count > 0 && (
        <>
          <p>{say('provisionChanges', { count })}</p>
          {changes > 0 && <Lines lines={report.applied} most={changes} kind="change" />}
        </>
      )}
    </div>
  );
}

function Lines({ lines, most, kind }: { lines: readonly string[]; most: number; kind: string }) {
  const { shown, more } = firstOf(lines, most);
  return (
    <ul>
      {shown.map((line, i) => (
        <li key={i} class={kind}>
          {line}
        </li>
      ))}
      {more > 0 && <li class="more">{say('andMore', { count: more })}</li>}
    </ul>
  );
}
