import type { ProvisionReport } from '../../daemon/schema.ts';
import { say } from '../i18n/wallTexts.ts';
import { isLocal } from './pictureUrl.ts';
import { ReportView } from './ReportView.tsx';

const MOST_PROBLEMS = 5;
const MOST_CHANGES = 4;

/**
 * A wall without a camera says how to begin. `addresses`: of the admin page, as other machines reach it. `report`: what a
 * stick brought, without cameras.
 */
export function EmptyWall({
  addresses,
  report,
}: {
  addresses: readonly string[];
  report: ProvisionReport | undefined;
}) {
  const here = !isLocal(location.hostname) || addresses.length === 0;
  return (
    <section class="empty">
      <svg viewBox="0 0 64 40" aria-hidden="true">
        <path d="M2 20C12 6 22 2 32 2s20 4 30 18C52 34 42 38 32 38S12 34 2 20z" />
        <circle cx="32" cy="20" r="9" />
      </svg>
      <h1>{say('emptyTitle')}</h1>
      <p>{say('emptyLead')}</p>
      {report && <ReportView report={report} problems={MOST_PROBLEMS} changes={MOST_CHANGES} />}
      {addresses.length > 0 && (
        <>
          <h2>{say('emptyAdmin')}</h2>
          {addresses.map((url) => (
            <p key={url} class="address">
              {url}
            </p>
          ))}
        </>
      )}
      {here && (
        <a class="button" href="/admin">
          {say('emptyHere')}
        </a>
      )}
      {/* Nobody scrolls on a television, and who brought a file has another way. */}
      {!report && (
        <>
          <h2>{say('emptyCommand')}</h2>
          <pre>walleye discover</pre>
          <pre>walleye camera add "Front door" --address 192.168.1.64 --username admin</pre>
        </>
      )}
    </section>
  );
}
