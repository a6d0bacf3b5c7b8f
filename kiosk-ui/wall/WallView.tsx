import { EmptyWall } from './EmptyWall.tsx';
import { text } from './strings.ts';
import { TileView } from './TileView.tsx';
import type { Wall } from './wall.ts';

export function WallView({ wall }: { wall: Wall }) {
  const fullScreen = wall.fullScreen.value;
  const unreachable = wall.unreachable.value;
  const empty = wall.configured.value === false;
  const state = ['stage', wall.active.value && 'active', fullScreen && 'has-full'].filter(Boolean).join(' ');
  return (
    <div class="page">
      {unreachable && (
        <p class="banner" role="status">
          {text.daemonGone}
        </p>
      )}
      <main class={state}>
        {empty ? (
          <EmptyWall />
        ) : (
          wall.tiles.value.map((tile) => (
            <TileView key={tile.slot} tile={tile} wall={wall} full={tile === fullScreen} />
          ))
        )}
        {wall.configured.value === undefined && !unreachable && <p class="starting">{text.starting}</p>}
      </main>
    </div>
  );
}
