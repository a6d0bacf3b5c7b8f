import { text } from './strings.ts';

/** A wall without a camera says how to begin. */
export function EmptyWall() {
  return (
    <section class="empty">
      <svg viewBox="0 0 64 40" aria-hidden="true">
        <path d="M2 20C12 6 22 2 32 2s20 4 30 18C52 34 42 38 32 38S12 34 2 20z" />
        <circle cx="32" cy="20" r="9" />
      </svg>
      <h1>{text.emptyTitle}</h1>
      <p>{text.emptyLead}</p>
      <ol>
        <li>
          <h2>{text.emptyFind}</h2>
          <pre>walleye discover</pre>
        </li>
        <li>
          <h2>{text.emptyAdd}</h2>
          <pre>walleye camera add "Front door" --address 192.168.1.64 --username admin</pre>
          <h2>{text.emptyAddress}</h2>
          <pre>walleye camera add "Yard" --url rtsp://192.168.1.65/live</pre>
        </li>
      </ol>
      <p class="later">{text.emptyLater}</p>
    </section>
  );
}
