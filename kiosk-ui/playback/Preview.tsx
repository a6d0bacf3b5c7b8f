import { useEffect, useRef, useState } from 'preact/hooks';
import { pictureUrl } from '../api/recordings.ts';
import { timeZone } from '../i18n/format.ts';
import { texts } from '../i18n/i18n.ts';
import type { Deck } from './deck.ts';
import { isRecorded } from './spans.ts';
import { clockText } from './zone.ts';

const WIDTH = 320;
/** CSS pixels of it on the page, with its border. */
const SHOWN = 216;

/** What there was at the moment under the pointer: its time and a small picture. The newest wish wins. */
export function Preview({
  deck,
  camera,
  at,
  x,
  width,
}: {
  deck: Deck;
  camera: string | undefined;
  /** Unix seconds. */
  at: number;
  /** CSS pixels, and how wide the timeline is. */
  x: number;
  width: number;
}) {
  const t = texts('playback');
  const recorded = camera !== undefined && isRecorded(deck.data.rowOf(camera)?.spans ?? [], at);
  const src = useNewest(recorded ? pictureUrl(camera, Math.round(at), WIDTH) : undefined);
  const left = Math.min(Math.max(x - SHOWN / 2, 0), Math.max(width - SHOWN, 0));
  return (
    <div class="preview" aria-hidden="true" style={{ left: `${left}px`, width: `${SHOWN}px` }}>
      {recorded ? (
        <div class="preview-picture">{src && <img src={src} alt="" draggable={false} />}</div>
      ) : (
        <p>{t('nothing')}</p>
      )}
      <p class="preview-time">{clockText(at, timeZone.value)}</p>
    </div>
  );
}

/** One question at a time; what was wished meanwhile is forgotten but for the last. Stays until the next has come. */
function useNewest(wish: string | undefined): string | undefined {
  const [shown, setShown] = useState<string>();
  const state = useRef<{ wish: string | undefined; busy: boolean; ended: boolean }>({
    ...{ wish: undefined, busy: false, ended: false },
  });
  useEffect(() => {
    state.current.ended = false;
    return () => {
      state.current.ended = true;
    };
  }, []);
  useEffect(() => {
    const now = state.current;
    now.wish = wish;
    const ask = () => {
      const url = now.wish;
      if (now.busy || url === undefined || now.ended) return;
      now.busy = true;
      const image = new Image();
      const done = (loaded: boolean) => {
        now.busy = false;
        if (now.ended) return;
        if (loaded) setShown(url);
        if (now.wish !== url) ask();
      };
      image.onload = () => done(true);
      image.onerror = () => done(false);
      image.src = url;
    };
    ask();
  }, [wish]);
  return wish === undefined ? undefined : shown;
}
