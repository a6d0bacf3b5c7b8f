import type { Provisioning } from '../../../daemon/schema.ts';
import { firstOf, mendOf, outcomeOf, sourcesOf } from '../../api/report.ts';
import { exactly } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { Icon } from '../../parts/Icon.tsx';
import { changes } from '../live.ts';
import { useRead } from '../read.ts';

const MOST_PROBLEMS = 5;
const MOST_CHANGES = 15;
const WORDS = {
  all: 'provisionAll',
  nothing: 'provisionNothing',
  some: 'provisionSome',
  none: 'provisionNone',
} as const;

/** What a stick, the boot partition or a credential brought since the machine started. */
export function ProvisionPart() {
  const t = texts('system');
  const reading = useRead<Provisioning>('/api/system/provisioning', { when: [changes.provisioning] });
  const report = reading.value.value?.report;
  if (!report) return null;
  const at = Date.parse(report.at) / 1000;
  const outcome = outcomeOf(report);
  const words = t(WORDS[outcome]);
  return (
    <section class="card">
      <h2>{t('provision')}</h2>
      <p class="soft">
        {t('provisionFrom', {
          source: sourcesOf(report, t),
          time: Number.isFinite(at) ? exactly(at) : report.at,
        })}
      </p>
      {report.problems.length === 0 ? (
        <p>{words}</p>
      ) : (
        <div class="note error system-problems">
          <Icon name="warning" />
          <div>
            <p>
              <strong>{words}</strong>
            </p>
            <Lines lines={report.problems} most={MOST_PROBLEMS} />
            <p>{t(mendOf(report))}</p>
          </div>
        </div>
      )}
      {report.applied.length > 0 && (
        <details open={report.problems.length === 0 && report.applied.length < 10}>
          <summary>{t('provisionChanges')}</summary>
          <Lines lines={report.applied} most={MOST_CHANGES} />
        </details>
      )}
    </section>
  );
}

/** The first of them, and the others on demand: on a phone a long report would hide the rest of the page. */
function Lines({ lines, most }: { lines: readonly string[]; most: number }) {
  const t = texts('system');
  const { shown, more } = firstOf(lines, most);
  return (
    <>
      <List lines={shown} />
      {more > 0 && (
        <details>
          <summary>{t('andMore', { count: more })}</summary>
          <List lines={lines.slice(shown.length)} />
        </details>
      )}
    </>
  );
}

function List({ lines }: { lines: readonly string[] }) {
  return (
    <ul class="system-lines">
      {lines.map((line, i) => (
        <li key={i}>{line}</li>
      ))}
    </ul>
  );
}
