import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { timeZone } from '../i18n/format.ts';
import { language, texts } from '../i18n/i18n.ts';
import { dayLabel } from './dateText.ts';
import type { Deck } from './deck.ts';
import { Preview } from './Preview.tsx';
import { timeOf, type View, xOf } from './scale.ts';
import { coloursOf, draw, RULER, rowHeight } from './timelineDraw.ts';
import { TimelineGestures } from './timelineGestures.ts';
import { clockText, zoneText } from './zone.ts';

/** CSS pixels of a camera's row: those of one camera, and the least of many. */
const ROW = 44;
const LOW_ROW = 24;

/** When there is something of which camera, and what happened. One canvas; all of it can be done with keys, too. */
export function Timeline({
  deck,
  names,
  changes,
}: {
  deck: Deck;
  names: ReadonlyMap<string, string>;
  /** Of the wall's layout; Unix seconds. */
  changes: readonly number[];
}) {
  const t = texts('playback');
  const root = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [hover, setHover] = useState<{ x: number; row: string | undefined }>();
  const cameras = deck.cameras.value;
  const height = RULER + cameras.length * Math.max(LOW_ROW, ROW - 4 * Math.max(cameras.length - 1, 0));
  const hovered = useRef<number | undefined>(undefined);
  hovered.current = hover?.x;
  const changesNow = useRef(changes);
  changesNow.current = changes;

  useLayoutEffect(() => {
    const element = root.current;
    if (!element) return;
    const gestures = new TimelineGestures(deck, element, (y) => rowOf(deck, element, y));
    return () => gestures.close();
  }, [deck]);
  useEffect(() => {
    const element = canvas.current;
    return element ? painter(deck, element, hovered, changesNow) : undefined;
  }, [deck]);

  const at = deck.at.value;
  const zone = timeZone.value;
  const view = deck.view.value;
  const width = root.current?.clientWidth ?? 0;
  const previewAt = deck.scrubbing.value ? deck.time : hover && timeOf(view, width, hover.x);
  const previewOf = (deck.scrubbing.value ? undefined : hover?.row) ?? deck.camera ?? cameras[0];
  // Said in words only when the playhead rests: screen readers would never come to an end.
  const spoken = `${dayLabel(at)} ${clockText(at, zone)}, ${zoneText(at, zone)}`;
  return (
    <div class="timeline">
      <div
        ref={root}
        class="timeline-tape"
        style={{ height: `${height}px` }}
        role="slider"
        tabIndex={0}
        aria-label={t('timeline')}
        aria-valuemin={Math.round(view.from)}
        aria-valuemax={Math.round(view.to)}
        aria-valuenow={Math.round(Math.min(Math.max(at, view.from), view.to))}
        aria-valuetext={spoken}
        onPointerMove={(event) => {
          if (event.pointerType !== 'mouse') return;
          const box = event.currentTarget.getBoundingClientRect();
          setHover({
            x: event.clientX - box.left,
            row: rowOf(deck, event.currentTarget, event.clientY - box.top),
          });
        }}
        onPointerLeave={() => setHover(undefined)}
      >
        <canvas ref={canvas} />
        <ol class="timeline-names" aria-hidden="true">
          {cameras.map((camera, i) => (
            <li key={camera} style={{ top: `${RULER + (i + 1) * rowHeight(height, cameras.length)}px` }}>
              {names.get(camera) ?? camera}
            </li>
          ))}
        </ol>
      </div>
      {previewAt !== undefined && (
        <Preview
          deck={deck}
          camera={previewOf}
          at={previewAt}
          x={xOf(view, width, previewAt)}
          width={width}
        />
      )}
    </div>
  );
}

function rowOf(deck: Deck, element: HTMLElement, y: number): string | undefined {
  const cameras = deck.cameras.peek();
  const index = Math.floor((y - RULER) / rowHeight(element.clientHeight, cameras.length));
  return index >= 0 ? cameras[index] : undefined;
}

/** Draws when something is another than before; answers what ends that. */
function painter(
  deck: Deck,
  canvas: HTMLCanvasElement,
  hovered: { current: number | undefined },
  changes: { current: readonly number[] },
): () => void {
  const context = canvas.getContext('2d', { alpha: false });
  let before: readonly unknown[] = [];
  let colours = coloursOf(canvas);
  let size = { width: 0, height: 0 };
  const resized = new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = canvas;
    canvas.width = Math.round(width * devicePixelRatio);
    canvas.height = Math.round(height * devicePixelRatio);
    size = { width, height };
    colours = coloursOf(canvas);
    before = [];
    paint();
  });
  const paint = () => {
    if (!context || size.width === 0) return;
    const view: View = deck.view.peek();
    const now = Math.floor(Date.now() / 1000);
    const chosen = deck.cameras.peek().indexOf(deck.camera ?? '');
    const parts = [
      ...[view, deck.data.rows.peek(), deck.marks.peek(), hovered.current, changes.current, chosen],
      ...[timeZone.peek(), language.peek(), now],
      // Less than half a pixel is not to be seen.
      Math.round(xOf(view, size.width, deck.time) * 2),
    ];
    if (parts.every((part, i) => part === before[i])) return;
    before = parts;
    const known = deck.data.rows.peek();
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    draw(context, {
      ...size,
      ...{ view, now, colours, chosen, dayLabel },
      rows: deck.cameras
        .peek()
        .map((camera) => known.find((row) => row.camera === camera) ?? { camera, spans: [], events: [] }),
      at: deck.time,
      marks: deck.marks.peek(),
      hover: hovered.current,
      changes: changes.current,
      zone: timeZone.peek(),
    });
  };
  resized.observe(canvas);
  deck.drawn = paint;
  return () => {
    resized.disconnect();
    deck.drawn = () => {};
  };
}
