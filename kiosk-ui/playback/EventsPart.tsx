import { timeZone } from '../i18n/format.ts';
import { texts } from '../i18n/i18n.ts';
import type { Deck } from './deck.ts';
import { eventsOf } from './spans.ts';
import { clockText } from './zone.ts';

/** More would be a list that nobody reads. */
const MOST = 40;

/** What happened in the part of time that is in view: the marks of the timeline in words. */
export function EventsPart({
  deck,
  names,
  done,
}: {
  deck: Deck;
  names: ReadonlyMap<string, string>;
  done: () => void;
}) {
  const t = texts('playback');
  const a = texts('alarms');
  const { from, to } = deck.view.value;
  const all = eventsOf(deck.data.rows.value).filter(
    (event) => (event.to ?? event.from) >= from && event.from <= to,
  );
  if (all.length === 0) return <p class="soft">{t('eventsNone')}</p>;
  return (
    <>
      <ol class="events">
        {all.slice(0, MOST).map((event) => (
          <li key={`${event.camera} ${event.from} ${event.topic}`}>
            <button
              type="button"
              class="event"
              onClick={() => {
                deck.toThat(event);
                done();
              }}
            >
              <span class="event-mark" data-topic={event.topic} aria-hidden="true" />
              <time dateTime={new Date(event.from * 1000).toISOString()}>
                {clockText(event.from, timeZone.value)}
              </time>
              <span class="event-what">
                <strong>{a(`topic:${event.topic}`)}</strong> {names.get(event.camera) ?? event.camera}
                {event.text && <span class="soft"> {event.text}</span>}
              </span>
            </button>
          </li>
        ))}
      </ol>
      {all.length > MOST && <p class="hint">{t('eventsMore', { count: all.length - MOST })}</p>}
    </>
  );
}
