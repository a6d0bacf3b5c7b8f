import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Alarm, AlarmTopic } from '../../daemon/schema.ts';
import { say, type WallText } from '../i18n/wallTexts.ts';
import { keyOf } from './dial.ts';
import { type Face, letters } from './face.ts';
import { Icon, TopicIcon } from './Icon.tsx';
import { isLocal } from './pictureUrl.ts';
import { heard, keepSound, toggleSound } from './sound.ts';
import type { Tile } from './tile.ts';
import type { Wall } from './wall.ts';

const TOPICS: Record<AlarmTopic, WallText> = {
  motion: 'alarmMotion',
  person: 'alarmPerson',
  vehicle: 'alarmVehicle',
  line: 'alarmLine',
  digital_input: 'alarmInput',
  tamper: 'alarmTamper',
  sound: 'alarmSound',
  other: 'alarmOther',
};

const WHOLE = { x: 0, y: 0, width: 1, height: 1 };

/** `upcoming`: unseen, for the layout that comes next. */
export function TileView({ tile, wall, upcoming }: { tile: Tile; wall: Wall; upcoming?: boolean }) {
  const root = useRef<HTMLDivElement>(null);
  // The pictures live outside Preact's tree: their connections must be closed one by one, by their owner.
  useLayoutEffect(() => root.current?.prepend(tile.pictures.host), [tile]);

  const { gestures, operator } = wall;
  const full = wall.full.value === tile;
  const face = tile.face.value;
  const rect = tile.rect.value;
  const { x, y, width, height } = full ? WHOLE : rect;
  const place = { '--x': x, '--y': y, '--right': x + width, '--bottom': y + height };
  // Part of keys: what is the same element in another place is a layout shift, what is drawn anew is none.
  const size = full ? 'full' : 'small';
  const position = tile.position.value;
  const alarm = tile.camera === undefined ? undefined : wall.alarms.marks.value.get(tile.camera);
  const classes = [
    'tile',
    full && 'full',
    upcoming && 'upcoming',
    operator.chosen.value === tile && !full && 'chosen',
    alarm && 'alarmed',
    (full || rect.y + rect.height > 0.999) && 'bottom',
  ];
  return (
    <div
      ref={root}
      class={classes.filter(Boolean).join(' ')}
      style={place}
      data-kind={face.kind}
      data-fit={tile.plan.fit ?? 'contain'}
      data-position={position}
      onPointerDown={(event) => gestures.down(event, tile)}
      onPointerMove={(event) => gestures.move(event)}
      onPointerUp={(event) => gestures.up(event)}
      onPointerCancel={() => gestures.cancel()}
    >
      {face.still !== '' && <p class="from">{face.still}</p>}
      {face.kind === 'unchanged' ? (
        <Band face={face} />
      ) : (
        face.title !== '' && <Overlay key={`${face.kind} ${size}`} face={face} />
      )}
      {face.kind === 'late' && (
        <p class="late">
          <Icon kind="late" />
          {face.time}
        </p>
      )}
      {wall.operator.active.value && position >= 0 && tile.camera !== undefined && (
        <kbd class="digit">{keyOf(position, wall.stage.tiles.value.length)}</kbd>
      )}
      <Label key={`label ${size}`} tile={tile} wall={wall} />
      <Marks key={`marks ${size}`} tile={tile} wall={wall} />
      <SoundButton tile={tile} wall={wall} />
      {alarm && <AlarmMark key={`alarm ${size}`} alarm={alarm} wall={wall} />}
    </div>
  );
}

function Label({ tile, wall }: { tile: Tile; wall: Wall }) {
  const name = wall.access.settings.value.wall_names ? tile.name.value : '';
  const note = tile.note.value;
  if (name === '' && note === '') return null;
  return (
    <p class="label">
      {name !== '' && <span>{name}</span>}
      {note !== '' && <small>{note}</small>}
    </p>
  );
}

/** On a picture that moves: whether it is recorded, and whether there would be something to hear. */
function Marks({ tile, wall }: { tile: Tile; wall: Wall }) {
  const { wall_recording_mark, wall_audio_mark } = wall.access.settings.value;
  const { kind } = tile.face.value;
  const recording = wall_recording_mark && tile.recording.value;
  const audio = wall_audio_mark && tile.audio.value;
  if ((kind !== 'live' && kind !== 'late') || (!recording && !audio)) return null;
  return (
    <p class="marks">
      {recording && (
        <span class="rec" role="img" aria-label={say('recording')}>
          REC
        </span>
      )}
      {audio && (
        <span class="audio" role="img" aria-label={say('audio')}>
          <Icon kind="audio" />
        </span>
      )}
    </p>
  );
}

/**
 * Where there is something to hear: elsewhere always, on the box's own screen while somebody is at it and the camera fills the screen;
 * and everywhere on the camera that is heard.
 */
function SoundButton({ tile, wall }: { tile: Tile; wall: Wall }) {
  const { camera } = tile;
  const sound = heard.value?.camera === camera ? heard.value : undefined;
  useEffect(() => () => keepSound(wall.stage.tiles.peek().map((one) => one.camera)), [wall, camera]);
  const far = !isLocal(location.hostname);
  const offered = far || (wall.operator.active.value && wall.full.value === tile);
  if (camera === undefined || !(sound || (tile.audio.value && offered))) return null;
  return (
    <button
      type="button"
      class={`sound ${sound?.state}`}
      aria-label={say(sound ? 'mute' : 'listen')}
      aria-pressed={!!sound}
      title={sound?.why}
      style={{ '--level': String(sound?.level ?? 0) }}
      onPointerDown={(event) => event.stopPropagation()}
      onPointerUp={(event) => event.stopPropagation()}
      onClick={() => toggleSound(tile)}
    >
      <Icon kind={sound ? 'audio' : 'muted'} />
      {sound?.why && <span role="status">{sound.why}</span>}
    </button>
  );
}

function Overlay({ face }: { face: Face }) {
  return (
    <div
      class="overlay"
      role="status"
      style={{ '--letters': String(Math.max(letters(face.title), letters(face.time), 10)) }}
    >
      <Icon kind={face.kind} />
      <p class="title">{face.title}</p>
      <p class="time">{face.time}</p>
      {face.note !== '' && (
        <div class="below">
          <p class="note">{face.note}</p>
        </div>
      )}
    </div>
  );
}

/** Across a picture that is to be seen all the same. */
function Band({ face }: { face: Face }) {
  return (
    <div
      class="band"
      role="status"
      style={{ '--letters': String(Math.max(letters(`${face.title} ${face.time}`) + 3, 12)) }}
    >
      <p>
        <Icon kind="unchanged" />
        <span class="title">{face.title}</span> <span class="time">{face.time}</span>
      </p>
    </div>
  );
}

function AlarmMark({ alarm, wall }: { alarm: Alarm; wall: Wall }) {
  const topic = say(TOPICS[alarm.topic]);
  return (
    <button
      type="button"
      class="alarm"
      aria-label={`${topic}: ${say('acknowledge')}`}
      // Not the tile's: a mark that is touched neither chooses nor opens the tile.
      onPointerDown={(event) => event.stopPropagation()}
      onPointerUp={(event) => event.stopPropagation()}
      onClick={() => wall.alarms.acknowledge(alarm.camera)}
    >
      <TopicIcon topic={alarm.topic} />
      <span>{alarm.message ?? topic}</span>
    </button>
  );
}
