import { useLayoutEffect, useRef } from 'preact/hooks';
import { DoubleTap } from './doubleTap.ts';
import type { Face } from './face.ts';
import { Icon } from './Icon.tsx';
import type { Tile } from './tile.ts';
import type { Wall } from './wall.ts';

const doubleTap = new DoubleTap<Tile>();

/** Tiles beyond the tenth have no key. */
const KEYS = 10;

export function TileView({ tile, wall, full }: { tile: Tile; wall: Wall; full: boolean }) {
  const root = useRef<HTMLDivElement>(null);
  // The pictures live outside Preact's tree: their connections must be closed one by one, by their owner.
  useLayoutEffect(() => root.current?.prepend(tile.pictures.host), [tile]);

  const face = tile.face.value;
  const { x, y, width, height } = tile.rect.value;
  const percent = (part: number) => `${part * 100}%`;
  const place = full
    ? { left: '0', top: '0', width: '100%', height: '100%' }
    : { left: percent(x), top: percent(y), width: percent(width), height: percent(height) };
  const position = tile.position.value;
  const name = tile.name.value;
  return (
    <div
      ref={root}
      class={full ? 'tile full' : 'tile'}
      style={place}
      data-kind={face.kind}
      data-fit={tile.plan.fit ?? 'contain'}
      data-position={position}
      onPointerUp={(event) => {
        if (event.button === 0 && doubleTap.tap(tile, event.clientX, event.clientY, event.timeStamp)) {
          wall.toggleFullScreen(tile);
        }
      }}
    >
      {face.title !== '' && <Overlay face={face} />}
      {face.kind === 'late' && (
        <p class="late">
          <Icon kind="late" />
          {face.time}
        </p>
      )}
      {name !== '' && (
        <p class="label">
          {position < KEYS && <kbd>{(position + 1) % 10}</kbd>}
          <span>{name}</span>
        </p>
      )}
    </div>
  );
}

function Overlay({ face }: { face: Face }) {
  return (
    <div class="overlay" role="status" style={{ '--letters': String(Math.max(face.title.length, 10)) }}>
      <Icon kind={face.kind} />
      <p class="title">{face.title}</p>
      {face.time !== '' && <p class="time">{face.time}</p>}
      {face.note !== '' && (
        <div class="below">
          <p class="note">{face.note}</p>
        </div>
      )}
    </div>
  );
}
