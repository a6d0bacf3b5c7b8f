import { useEffect, useRef, useState } from 'preact/hooks';

/** Milliseconds between two pictures of a list: enough to recognise a camera, cheap for the box. */
const EVERY = 5_000;

/**
 * The newest picture of a camera, asked for again from time to time while it is on the screen. A camera that is off shows
 * the last good one, greyed, if there is any.
 */
export function CameraPicture({
  camera,
  alt,
  width = 320,
  every = EVERY,
}: {
  camera: string;
  alt: string;
  width?: number;
  every?: number;
}) {
  const root = useRef<HTMLDivElement>(null);
  const [src, setSrc] = useState<string>();
  const [kept, setKept] = useState(false);
  const [missing, setMissing] = useState(false);
  useEffect(() => {
    const box = root.current;
    if (!box) return;
    let visible = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stopped = false;
    /** One question at a time, however often it comes into sight. */
    let asking = false;
    const base = `/api/cameras/${encodeURIComponent(camera)}`;
    const ask = () => {
      if (stopped || asking || !visible || document.hidden) return;
      asking = true;
      const next = new Image();
      const address = `${base}/snapshot.jpg?width=${width}&height=${width}&t=${Date.now()}`;
      const again = () => {
        asking = false;
        timer = setTimeout(ask, every);
      };
      next.onload = () => {
        if (stopped) return;
        setSrc(address);
        setKept(false);
        setMissing(false);
        again();
      };
      next.onerror = () => {
        if (stopped) return;
        setKept(true);
        setSrc((shown) => shown ?? `${base}/last.jpg`);
        again();
      };
      next.src = address;
    };
    const watch = new IntersectionObserver(([entry]) => {
      visible = entry?.isIntersecting ?? false;
      clearTimeout(timer);
      ask();
    });
    const shown = () => {
      clearTimeout(timer);
      ask();
    };
    watch.observe(box);
    document.addEventListener('visibilitychange', shown);
    return () => {
      stopped = true;
      clearTimeout(timer);
      watch.disconnect();
      document.removeEventListener('visibilitychange', shown);
    };
  }, [camera, width, every]);
  return (
    <div ref={root} class={kept ? 'camera-picture kept' : 'camera-picture'}>
      {src && !missing && <img src={src} alt={alt} onError={() => setMissing(true)} draggable={false} />}
    </div>
  );
}
