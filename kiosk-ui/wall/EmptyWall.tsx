import { say } from '../i18n/wallTexts.ts';
import { isLocal } from './pictureUrl.ts';

/** A wall without a camera says how to begin. `addresses`: of the admin page, as other machines reach it. */
export function EmptyWall({ addresses }: { addresses: readonly string[] }) {
  const here = !isLocal(location.hostname) || addresses.length === 0;
  return (
    <section class="empty">
      <svg viewBox="0 0 64 40" aria-hidden="true">
        <path d="M2 20C12 6 22 2 32 2s20 4 30 18C52 34 42 38 32 38S12 34 2 20z" />
        <circle cx="32" cy="20" r="9" />
      </svg>
      <h1>{say('emptyTitle')}</h1>
      <p>{say('emptyLead')}</p>
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
      <h2>{say('emptyCommand')}</h2>
      <pre>walleye discover</pre>
      <pre>walleye camera add "Front door" --address 192.168.1.64 --username admin</pre>
    </section>
  );
}
