import { useEffect } from 'preact/hooks';
import type { Camera } from '../../daemon/schema.ts';
import type { Deck } from './deck.ts';

/** While the deck is live the cameras' own pictures lie over the tiles. The live player is loaded when it is wanted. */
export function useLive(deck: Deck, cameras: readonly Camera[]): void {
  const live = deck.live.value;
  const players = deck.players.value;
  useEffect(() => {
    if (!live) return;
    let ended = false;
    let close = () => {};
    void import('./liveView.ts').then(({ LiveView }) => {
      if (ended) return;
      const view = new LiveView();
      close = () => view.close();
      view.show(
        players.flatMap((player) => {
          const camera = cameras.find(({ id }) => id === player?.camera);
          return player && camera ? [{ camera, host: player.host }] : [];
        }),
      );
    });
    return () => {
      ended = true;
      close();
    };
  }, [live, players, cameras]);
}
