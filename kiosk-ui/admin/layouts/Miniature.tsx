import type { Tile } from '../../../daemon/schema.ts';
import { ASPECT, type Orientation } from './presets.ts';

const LONG = 160;

/** A layout, drawn. Tiles without a camera are hollow. */
export function Miniature({
  tiles,
  orientation = 'landscape',
}: {
  tiles: readonly Tile[];
  orientation?: Orientation | undefined;
}) {
  const aspect = ASPECT[orientation];
  const width = aspect > 1 ? LONG : LONG * aspect;
  const height = width / aspect;
  return (
    <svg class="layouts-miniature" viewBox={`0 0 ${width} ${height}`} aria-hidden="true" focusable="false">
      <rect class="layouts-miniature-screen" width={width} height={height} rx="3" />
      {tiles.map((tile, n) => (
        <rect
          key={n}
          class={tile.cameras.length > 0 ? 'shown' : 'hollow'}
          x={tile.x * width + 1}
          y={tile.y * height + 1}
          width={Math.max(tile.width * width - 2, 1)}
          height={Math.max(tile.height * height - 2, 1)}
          rx="1.5"
        />
      ))}
    </svg>
  );
}
