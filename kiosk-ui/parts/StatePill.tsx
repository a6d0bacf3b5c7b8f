import type { StreamState } from '../../daemon/schema.ts';
import { texts } from '../i18n/i18n.ts';

const KEYS = {
  stopped: 'stateStopped',
  idle: 'stateIdle',
  connecting: 'stateConnecting',
  live: 'stateLive',
  stalled: 'stateStalled',
  paused: 'statePaused',
  ended: 'stateEnded',
  refused: 'stateRefused',
  busy: 'stateBusy',
  gone: 'stateGone',
  unsupported: 'stateUnsupported',
} as const satisfies Record<StreamState, string>;

/** A state by shape, colour and word: never by colour alone. */
export function StatePill({ state }: { state: StreamState }) {
  const t = texts('common');
  return (
    <span class="pill" data-state={state}>
      {t(KEYS[state])}
    </span>
  );
}
