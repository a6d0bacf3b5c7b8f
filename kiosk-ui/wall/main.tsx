import { render } from 'preact';
import { startLanguage } from '../i18n/languageChoice.ts';
import './marks.css';
import './pages.css';
import './sound.css';
import { actionOfKey } from './keys.ts';
import { tellShown } from './shown.ts';
import { WallView } from './WallView.tsx';
import { Wall } from './wall.ts';

// One entry for every picture ever opened would be of no use to anybody.
performance.setResourceTimingBufferSize(0);
startLanguage();
const wall = new Wall();
const root = document.getElementById('wall');
if (root) render(<WallView wall={wall} />, root);

for (const type of ['pointermove', 'pointerdown', 'wheel']) {
  addEventListener(type, () => wall.touched(), { passive: true });
}
addEventListener('contextmenu', (event) => event.preventDefault());
addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const action = actionOfKey(event.key);
  if (!action || wall.access.entrance.peek() !== 'wall') return;
  // A button that has the focus is pressed by these, as anywhere.
  if (
    event.target instanceof HTMLElement &&
    event.target.closest('a, button') &&
    /^( |Enter)$/.test(event.key)
  ) {
    return;
  }
  event.preventDefault();
  if (event.repeat || wall.touched()) return;
  wall.act(action);
});

// A camera must not go on turning because a key was let go elsewhere.
const stop = () => wall.ptz.stop();
addEventListener('keyup', stop);
addEventListener('blur', stop);
addEventListener('pagehide', stop);
document.addEventListener('visibilitychange', stop);

wall.start();
tellShown(wall);
