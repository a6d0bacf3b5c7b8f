import { useLayoutEffect, useRef } from 'preact/hooks';
import type { WallReplay } from '../api/recordings.ts';
import { duration, timeZone } from '../i18n/format.ts';
import { texts } from '../i18n/i18n.ts';
import { Icon } from '../parts/Icon.tsx';
import { longDay } from './dateText.ts';
import type { Deck, DeckTile, Note } from './deck.ts';
import type { Player } from './player.ts';
import { nextRecorded } from './spans.ts';
import type { Replay } from './wallReplay.ts';
import { clockText } from './zone.ts';

/** The tiles: in an even grid, or where they were on the wall. */
export function Stage({
  deck,
  names,
  replay,
}: {
  deck: Deck;
  names: ReadonlyMap<string, string>;
  replay: Replay | undefined;
}) {
  const t = texts('playback');
  const tiles = deck.tiles.value;
  const players = deck.players.value;
  const note = deck.note.value;
  const row = replay?.row.value;
  const placed = replay !== undefined;
  return (
    <section id="tiles" class="stage" tabIndex={-1} aria-label={t('cameras')}>
      {replay && (
        <p class="stage-layout">
          <Icon name="layouts" />
          {row && layoutText(row, t)}
        </p>
      )}
      {replay?.failure.value && !row ? (
        <p class="stage-none">
          {replay.failure.value.status === 404 ? t('wallNothing') : replay.failure.value.message}
        </p>
      ) : (
        <div class="tiles" data-count={tiles.length} data-placed={placed || undefined}>
          {tiles.map((tile, i) => (
            <Tile
              key={`${tile.camera ?? ''} ${tiles.slice(0, i).filter(({ camera }) => camera === tile.camera).length}`}
              deck={deck}
              tile={tile}
              player={players[i]}
              index={i}
              name={tile.camera === undefined ? '' : (names.get(tile.camera) ?? tile.camera)}
              alone={tiles.length === 1}
            />
          ))}
        </div>
      )}
      {note && (
        <p class="stage-note" role="status">
          {noteText(note, t)}
        </p>
      )}
    </section>
  );
}

function Tile({
  deck,
  tile,
  player,
  index,
  name,
  alone,
}: {
  deck: Deck;
  tile: DeckTile;
  player: Player | undefined;
  index: number;
  name: string;
  alone: boolean;
}) {
  const t = texts('playback');
  const root = useRef<HTMLDivElement>(null);
  // The videos live outside Preact's tree: they go from arrangement to arrangement without being opened anew.
  useLayoutEffect(() => {
    if (player) root.current?.prepend(player.host);
  }, [player]);
  const state = player?.state.value;
  const live = deck.live.value;
  const rect = tile.rect;
  const place = rect && {
    left: `${rect.x * 100}%`,
    top: `${rect.y * 100}%`,
    width: `${rect.width * 100}%`,
    height: `${rect.height * 100}%`,
  };
  const chosen = deck.chosen.value === index && !alone;
  return (
    <div
      ref={root}
      class="tile"
      style={place}
      data-state={live ? 'live' : state}
      data-chosen={chosen || undefined}
    >
      {player && (
        <button
          type="button"
          class="tile-name"
          aria-pressed={alone ? undefined : chosen}
          title={t('tileOf', { name })}
          onClick={() => {
            deck.chosen.value = index;
          }}
        >
          {name}
        </button>
      )}
      {tile.camera === undefined && <p class="tile-empty">{t('emptyTile')}</p>}
      {!live && tile.state !== undefined && (
        <p class="tile-then">
          <Icon name="warning" />
          {t(`state:${tile.state}`)}
        </p>
      )}
      {!live && player && state === 'none' && <NothingThen deck={deck} player={player} />}
      {!live && (state === 'loading' || state === 'unknown') && (
        <span class="tile-wait spinner" aria-hidden="true" />
      )}
      {!live && state === 'failed' && <p class="tile-none">{t('loadFailed')}</p>}
      {!live && state === 'stills' && <p class="tile-stills">{t('stills')}</p>}
    </div>
  );
}

function NothingThen({ deck, player }: { deck: Deck; player: Player }) {
  const t = texts('playback');
  const row = deck.data.rows.value.find(({ camera }) => camera === player.camera);
  const next = row && nextRecorded([row], deck.at.value);
  return (
    <div class="tile-none">
      <p>{t('nothing')}</p>
      {next !== undefined && next > deck.at.value && (
        <button type="button" class="button" onClick={() => deck.seek(next + 0.05)}>
          {t('nextAt', { time: clockText(next, timeZone.value) })}
        </button>
      )}
    </div>
  );
}

function layoutText({ layout, tiles }: WallReplay, t: ReturnType<typeof texts<'playback'>>): string {
  if (tiles.length === 0) return t('wallDark');
  return layout === null ? t('layoutNone') : t('layoutThen', { name: layout });
}

function noteText(note: Note, t: ReturnType<typeof texts<'playback'>>): string {
  switch (note.kind) {
    case 'skipped':
      return t('skipped', { time: duration(note.seconds) });
    case 'end':
      return t('endReached');
    case 'noEvent':
      return t('noEvent');
    case 'noFrames':
      return t('noFrames');
  }
}

/** The day and the time of the playhead, with tenths while it stands. */
export function Clock({ deck }: { deck: Deck }) {
  const at = deck.at.value;
  return (
    <p class="clock">
      <time dateTime={new Date(at * 1000).toISOString()}>
        <span class="clock-time">
          {clockText(at, timeZone.value, !deck.playing.value && !deck.live.value)}
        </span>
        <span class="clock-day">{longDay(at)}</span>
      </time>
    </p>
  );
}
