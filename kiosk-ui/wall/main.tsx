import { render } from 'preact';
import { tileOfKey } from './keys.ts';
import { WallView } from './WallView.tsx';
import { Wall } from './wall.ts';

const wall = new Wall();
const root = document.getElementById('wall');
if (root) render(<WallView wall={wall} />, root);

addEventListener('pointermove', () => wall.touched(), { passive: true });
addEventListener('pointerdown', () => wall.touched(), { passive: true });
addEventListener('contextmenu', (event) => event.preventDefault());
addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  const position = tileOfKey(event.key);
  if (event.key === 'Escape') wall.toggleFullScreen(undefined);
  else if (position !== undefined) {
    const tile = wall.tileAt(position);
    if (tile) wall.toggleFullScreen(tile);
  } else return;
  event.preventDefault();
  wall.touched();
});

wall.start();
