import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type View, viewedCamera, viewedWall, viewOf } from '../../kiosk-ui/wall/view.ts';

describe('what a page shows', () => {
  const cases: [string, View][] = [
    ['/', { kind: 'wall' }],
    ['/watch/yard', { kind: 'layout', name: 'yard' }],
    ['/watch/yard/', { kind: 'layout', name: 'yard' }],
    ['/camera/front-door_2', { kind: 'camera', name: 'front-door_2' }],
    ['/watch/', { kind: 'wall' }],
    ['/watch/a/b', { kind: 'wall' }],
    ['/watch/..%2fetc', { kind: 'wall' }],
    ['/index.html', { kind: 'wall' }],
  ];
  for (const [path, view] of cases)
    it(`at ${path} is ${view.kind}`, () => assert.deepEqual(viewOf(path), view));
});

describe('a page of one layout or camera', () => {
  const wall = { sequence: [], screen_off: [{ days: [1], from: '20:00', to: '06:00' }] };

  it('turns to nothing else, and is not dark when the screen is', () => {
    assert.deepEqual(viewedWall({ kind: 'layout', name: 'yard' }, wall), {
      sequence: [{ layout: 'yard', dwell_seconds: 86_400 }],
    });
    assert.equal(viewedWall({ kind: 'wall' }, wall), wall);
  });

  it('has the camera’s best stream over all of it', () => {
    const view: View = { kind: 'camera', name: 'door' };
    const layout = viewedCamera(view);
    assert.deepEqual(
      layout?.tiles.map(({ cameras, width, stream }) => [cameras, width, stream]),
      [[['door'], 1, 'main']],
    );
    assert.equal(viewedWall(view, wall).sequence[0]?.layout, layout?.name);
    assert.equal(viewedCamera({ kind: 'wall' }), undefined);
  });
});
