import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { matchTiles } from '../../kiosk-ui/wall/tileMatch.ts';

const shape = (camera: string, width = 0.5, x = 0) => ({
  cameras: [camera],
  rect: { x, y: 0, width, height: width },
});

describe('matchTiles', () => {
  it('keeps tiles whose camera and size stay, wherever they move', () => {
    assert.deepEqual(matchTiles([shape('a'), shape('b')], [shape('b', 0.5, 0.5), shape('a')]), [1, 0]);
  });

  it('prefers the tile of the same size when a camera has two', () => {
    assert.deepEqual(matchTiles([shape('a', 1), shape('a', 0.25)], [shape('a', 0.25)]), [1]);
  });

  it('keeps a camera’s tile when only its size changes', () => {
    assert.deepEqual(matchTiles([shape('a'), shape('b')], [shape('b', 1)]), [1]);
  });

  it('hands left-over tiles to new cameras and asks for new ones beyond', () => {
    assert.deepEqual(matchTiles([shape('a'), shape('b')], [shape('b'), shape('c'), shape('d')]), [
      1,
      0,
      undefined,
    ]);
  });

  it('uses no tile twice', () => {
    assert.deepEqual(matchTiles([shape('a')], [shape('a'), shape('a')]), [0, undefined]);
  });
});
