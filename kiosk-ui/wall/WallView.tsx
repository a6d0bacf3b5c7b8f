import { say } from '../i18n/wallTexts.ts';
import { EmptyWall } from './EmptyWall.tsx';
import { Gate } from './Gate.tsx';
import { HelpView } from './HelpView.tsx';
import { Icon } from './Icon.tsx';
import { NoticeView } from './NoticeView.tsx';
import { PairingView } from './PairingView.tsx';
import { PtzView } from './PtzView.tsx';
import { TileView } from './TileView.tsx';
import { viewOf } from './view.ts';
import type { Wall } from './wall.ts';

export function WallView({ wall }: { wall: Wall }) {
  const entrance = wall.access.entrance.value;
  const pairing = wall.access.pairing.value;
  if (entrance === 'signIn' || entrance === 'setUp') return <Gate kind={entrance} />;
  if (entrance === 'pairing' && pairing) {
    return (
      <PairingView name={wall.access.settings.value.name} pairing={pairing} report={wall.news.report.value} />
    );
  }
  const missing = wall.missing.value;
  if (missing !== undefined) return <Gate kind="missing" name={missing} />;
  // Nothing but black: a screen that is off is to look so.
  if (wall.dark.value) return <main class="dark" aria-label={say('dark')} />;
  return <Shown wall={wall} />;
}

function Shown({ wall }: { wall: Wall }) {
  const { operator, ptz, stage } = wall;
  const full = wall.full.value;
  const talk = wall.talking.part.value;
  const unreachable = wall.unreachable.value;
  const empty = wall.configured.value === false;
  const troubled = wall.strip.texts.value.length > 0;
  const state = [
    'stage',
    operator.active.value && 'active',
    full && 'has-full',
    full && ptz.info.value && 'movable',
    troubled && 'has-strip',
  ];
  return (
    <div class="page">
      {unreachable && (
        <p class="banner" role="status">
          {say('daemonGone')}
        </p>
      )}
      <main class={state.filter(Boolean).join(' ')} onWheel={(event) => wall.gestures.wheel(event)}>
        {empty ? (
          <EmptyWall addresses={wall.addresses.value} report={wall.news.report.value} />
        ) : (
          <>
            {stage.tiles.value.map((tile) => (
              <TileView key={tile.slot} tile={tile} wall={wall} />
            ))}
            {stage.upcoming.value.map((tile) => (
              <TileView key={tile.slot} tile={tile} wall={wall} upcoming />
            ))}
          </>
        )}
        {wall.configured.value === undefined && !unreachable && <Starting />}
        {full && <PtzView ptz={ptz} />}
        {talk && <talk.View talk={talk.talk} />}
        <Marks wall={wall} />
        <PlaybackLink wall={wall} />
        <NoticeView news={wall.news} />
      </main>
    </div>
  );
}

/** As index.html has it, which it takes the place of. */
function Starting() {
  return (
    <div class="starting">
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="4.5" />
        <circle cx="8" cy="8" r="1.5" />
      </svg>
      <p>{say('starting')}</p>
    </div>
  );
}

/** To the recordings, for browsers elsewhere: of the camera that fills the page, else of the wall. */
function PlaybackLink({ wall }: { wall: Wall }) {
  const kind = wall.access.session.value?.kind;
  if (!wall.operator.active.value || kind === undefined || kind === 'screen') return null;
  const view = viewOf(location.pathname);
  const camera = wall.full.value?.camera ?? (view.kind === 'camera' && view.name);
  return (
    <a class="playback" href={`/playback?${camera ? `camera=${camera}` : 'wall'}`}>
      {say('playback')}
    </a>
  );
}

/** What lies over the wall as a whole. */
function Marks({ wall }: { wall: Wall }) {
  const { operator, strip } = wall;
  const texts = strip.texts.value;
  const page = strip.page.value;
  const clock = strip.clock.value;
  const dialled = operator.dialled.value;
  return (
    <>
      {(texts.length > 0 || clock !== '') && (
        <footer
          class={['strip', texts.length > 0 && 'troubled', clock && 'with-clock'].filter(Boolean).join(' ')}
        >
          {texts.length > 0 && (
            <p class="problems" role="status">
              <Icon kind="frozen" />
              {texts.map((text) => (
                <span key={text}>{text}</span>
              ))}
              {page.of > 1 && <small>{`${page.number}/${page.of}`}</small>}
            </p>
          )}
          {clock !== '' && <time>{clock}</time>}
        </footer>
      )}
      {operator.held.value && (
        <p class="held" role="status">
          <Icon kind="hold" />
          {say('held')}
        </p>
      )}
      {dialled !== '' && <p class="dialled">{dialled}</p>}
      {operator.help.value && (
        <HelpView
          close={() => {
            operator.help.value = false;
          }}
        />
      )}
    </>
  );
}
