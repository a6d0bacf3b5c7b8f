import { useEffect, useRef, useState } from 'preact/hooks';
import type { Camera } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';

/** Large enough to judge a camera by, small enough for a phone on the site’s Wi-Fi. */
const WIDTH = 960;
const FPS = 10;
let opened = 0;

/** Another address each time, or Chromium would show the connection that it has just lost. */
const again = (src: string) => `${src}&viewer=admin.${++opened}`;

/** The camera as it is now, from the stream that is chosen. One connection, closed with the page. */
export function LivePicture({ camera }: { camera: Camera }) {
  const t = texts('cameras');
  const names = camera.streams.map(({ name }) => name);
  // The last one is the smallest; whoever wants more chooses it.
  const [chosen, setChosen] = useState<string>();
  const stream = chosen !== undefined && names.includes(chosen) ? chosen : names.at(-1);
  const image = useRef<HTMLImageElement>(null);
  const [failed, setFailed] = useState(false);
  const src =
    stream === undefined
      ? undefined
      : `/api/streams/${encodeURIComponent(stream)}/mjpeg?width=${WIDTH}&height=${WIDTH}&fps=${FPS}`;
  useEffect(() => {
    const shown = image.current;
    if (!shown || src === undefined) return;
    setFailed(false);
    const open = () => {
      if (document.hidden) shown.removeAttribute('src');
      else shown.src = again(src);
    };
    open();
    document.addEventListener('visibilitychange', open);
    return () => {
      document.removeEventListener('visibilitychange', open);
      // Chromium keeps the connection of an image that has left the document.
      shown.src = '';
    };
  }, [src]);
  useEffect(() => {
    if (!failed) return;
    const timer = setTimeout(() => {
      if (image.current && src !== undefined) image.current.src = again(src);
    }, 3_000);
    return () => clearTimeout(timer);
  }, [failed, src]);
  return (
    <div class="cameras-live">
      <div class={failed ? 'camera-picture kept' : 'camera-picture'}>
        <img
          ref={image}
          alt={t('pictureOf', { name: camera.name })}
          onLoad={() => setFailed(false)}
          onError={() => setFailed(true)}
        />
        {failed && <p class="cameras-no-picture">{t('noPicture')}</p>}
      </div>
      {camera.streams.length > 1 && (
        <fieldset class="cameras-stream-choice" aria-label={t('streams')}>
          {camera.streams.map(({ name, profile }) => (
            <button
              key={name}
              type="button"
              class="button quiet"
              aria-pressed={name === stream}
              onClick={() => setChosen(name)}
            >
              {profile}
            </button>
          ))}
        </fieldset>
      )}
    </div>
  );
}
