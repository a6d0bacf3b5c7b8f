import './talk.css';
import { say, type WallText } from '../i18n/wallTexts.ts';
import type { NoMicrophone } from './microphone.ts';
import type { TalkControl } from './talkControl.ts';

const WHY: Record<NoMicrophone, WallText> = {
  insecure: 'talkInsecure',
  denied: 'talkDenied',
  missing: 'talkMissing',
};

/** The button beside a camera that has a loudspeaker; what went wrong, below it. */
export function TalkView({ talk }: { talk: TalkControl }) {
  const state = talk.state.value;
  const error = talk.error.value;
  if (state === 'none') return null;
  const on = state !== 'off';
  return (
    <aside class={on ? 'talk on' : 'talk'}>
      <button
        type="button"
        aria-pressed={on}
        // Not the tile's, which a tap would leave.
        onPointerDown={(event) => event.stopPropagation()}
        onPointerUp={(event) => event.stopPropagation()}
        onClick={() => talk.toggle()}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M9 5a3 3 0 0 1 6 0v6a3 3 0 0 1-6 0zM5 11a7 7 0 0 0 14 0M12 18v4M8 22h8" />
        </svg>
        {say(state === 'talking' ? 'talkOff' : state === 'opening' ? 'talkOpening' : 'talk')}
      </button>
      {error && (
        <p class="talk-error" role="alert">
          {'why' in error ? say(WHY[error.why]) : error.message}
        </p>
      )}
    </aside>
  );
}
