import { useState } from 'preact/hooks';
import { session } from '../admin/session.ts';
import { pictureUrl, protectSegment, readSegments } from '../api/recordings.ts';
import { timeZone } from '../i18n/format.ts';
import { texts } from '../i18n/i18n.ts';
import { Icon, type IconName } from '../parts/Icon.tsx';
import { toast } from '../parts/toast.tsx';
import type { Deck } from './deck.ts';
import { Clock } from './Stage.tsx';
import { LONGEST } from './scale.ts';
import { isKept } from './spans.ts';
import { FASTEST_SOUND, SPEEDS } from './sync.ts';
import { fieldOf, zoneText } from './zone.ts';

/** What one does with the clock and with the chosen camera. On a phone the row under the thumb. */
export function Controls({
  deck,
  names,
  help,
}: {
  deck: Deck;
  names: ReadonlyMap<string, string>;
  help: () => void;
}) {
  const t = texts('playback');
  const playing = deck.playing.value;
  const live = deck.live.value;
  const speed = deck.speed.value;
  const sound = deck.sound.value;
  const tooFast = speed > FASTEST_SOUND;
  return (
    <div class="controls">
      <div class="controls-clock">
        <Clock deck={deck} />
        <p class="controls-zone">{zoneText(deck.at.value, timeZone.value)}</p>
      </div>
      <fieldset class="controls-main" aria-label={t('title')}>
        <Tool icon="up" turn label={t('eventBack')} keys="P" onClick={() => deck.toEvent(-1)} extra />
        <Tool icon="back5" label={t('back5')} keys="←" onClick={() => deck.jump(-5)} />
        <Tool icon="frameBack" label={t('frameBack')} keys="," onClick={() => void deck.step(-1)} />
        <button
          type="button"
          class="tool play"
          aria-label={t(playing ? 'pause' : 'play')}
          title={t(playing ? 'pause' : 'play')}
          onClick={() => deck.play()}
        >
          <Icon name={playing ? 'pause' : 'play'} />
        </button>
        <Tool icon="frameOn" label={t('frameOn')} keys="." onClick={() => void deck.step(1)} />
        <Tool icon="on5" label={t('on5')} keys="→" onClick={() => deck.jump(5)} />
        <Tool icon="down" turn label={t('eventOn')} keys="N" onClick={() => deck.toEvent(1)} extra />
      </fieldset>
      <div class="controls-rest">
        <button
          type="button"
          class="tool live"
          aria-pressed={live}
          title={t('liveHint')}
          onClick={() => deck.goLive()}
        >
          {t('live')}
        </button>
        <select
          class="speed"
          aria-label={t('speed')}
          value={String(speed)}
          onChange={(event) => deck.setSpeed(Number(event.currentTarget.value))}
        >
          {SPEEDS.map((one) => (
            <option key={one} value={String(one)}>
              {t('speedTimes', { speed: one === 0.25 ? '¼' : one === 0.5 ? '½' : one })}
            </option>
          ))}
        </select>
        <Tool
          icon={sound && !tooFast ? 'sound' : 'mute'}
          label={tooFast ? t('soundTooFast') : t(sound ? 'mute' : 'unmute')}
          pressed={sound}
          onClick={() => {
            deck.sound.value = !sound;
          }}
        />
        <Snapshot deck={deck} names={names} />
        {session.value?.role === 'admin' && <Keep deck={deck} names={names} />}
        <Tool icon="markIn" label={t('markIn')} keys="I" onClick={() => deck.mark('in')} wide />
        <Tool icon="markOut" label={t('markOut')} keys="O" onClick={() => deck.mark('out')} wide />
        <Tool icon="zoomOut" label={t('zoomOut')} keys="↓" onClick={() => deck.zoom(0.5)} wide />
        <Tool icon="add" label={t('zoomIn')} keys="↑" onClick={() => deck.zoom(2)} wide />
        <Tool icon="clock" label={t('wholeDay')} onClick={() => deck.zoom(1 / LONGEST)} wide />
        <Tool icon="keyboard" label={t('keys')} onClick={help} wide />
      </div>
    </div>
  );
}

function Tool({
  icon,
  label,
  keys,
  pressed,
  disabled,
  busy,
  turn,
  extra,
  wide,
  onClick,
}: {
  icon: IconName;
  label: string;
  keys?: string;
  pressed?: boolean;
  disabled?: boolean;
  busy?: boolean;
  /** Up and down are drawn as before and after. */
  turn?: boolean;
  /** Belongs to events: told apart by its place. */
  extra?: boolean;
  /** On a desktop only: fingers have other ways. */
  wide?: boolean;
  onClick: () => void;
}) {
  const classes = ['tool', turn && 'turned', extra && 'extra', wide && 'wide'];
  return (
    <button
      type="button"
      class={classes.filter(Boolean).join(' ')}
      aria-label={label}
      aria-pressed={pressed}
      aria-busy={busy || undefined}
      disabled={disabled || busy}
      title={keys ? `${label} (${keys})` : label}
      onClick={onClick}
    >
      <Icon name={icon} />
      {extra && <Icon name="alarms" />}
    </button>
  );
}

/** The very picture that the chosen camera shows, as large as it was recorded. */
function Snapshot({ deck, names }: { deck: Deck; names: ReadonlyMap<string, string> }) {
  const t = texts('playback');
  const [busy, setBusy] = useState(false);
  const save = async () => {
    const { camera } = deck;
    if (camera === undefined) return;
    const at = deck.player?.pictureAt ?? deck.time;
    setBusy(true);
    try {
      // A little after the picture's begin: the box looks for the one that was shown at a time.
      const answer = await fetch(pictureUrl(camera, at + 0.001, undefined, true), { cache: 'no-store' });
      if (!answer.ok) throw new Error(String(answer.status));
      const time = fieldOf(at, timeZone.peek()).replace('T', '_').replaceAll(':', '-');
      offer(await answer.blob(), `${names.get(camera) ?? camera}_${time}.jpg`);
    } catch {
      toast(t('snapshotFailed'));
    }
    setBusy(false);
  };
  return <Tool icon="snapshot" label={t('snapshot')} busy={busy} onClick={() => void save()} />;
}

function offer(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Keeps the files of the chosen camera that are in view, whatever the rules say; or no longer. */
function Keep({ deck, names }: { deck: Deck; names: ReadonlyMap<string, string> }) {
  const t = texts('playback');
  const [busy, setBusy] = useState(false);
  const { camera } = deck;
  const view = deck.view.value;
  const spans = deck.data.rows.value.find((row) => row.camera === camera)?.spans ?? [];
  const kept = isKept(spans, view.from, view.to);
  const toggle = async () => {
    if (camera === undefined) return;
    const name = names.get(camera) ?? camera;
    setBusy(true);
    const found = await readSegments(camera, view.from, view.to);
    const concerned = found.ok ? found.value.filter((one) => one.protected === kept) : [];
    let count = 0;
    for (const { id } of concerned) if ((await protectSegment(id, !kept)).ok) count++;
    setBusy(false);
    deck.data.stale();
    if (count === 0) toast(t('protectNone', { name }));
    else toast(t(kept ? 'unprotected' : 'protected', { count, name }));
  };
  return (
    <Tool
      icon={kept ? 'lock' : 'unlock'}
      label={t(kept ? 'unprotect' : 'protect')}
      pressed={kept}
      busy={busy}
      onClick={() => void toggle()}
    />
  );
}
