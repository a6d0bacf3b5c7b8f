import type { Alarm, AlarmRules } from '../../daemon/schema.ts';

/** The camera that an alarm has put on the screen. */
export interface Focus {
  alarm: string;
  camera: string;
  action: 'promote' | 'full_screen';
  priority: number;
  /** Since when this camera, milliseconds of the page's clock. */
  since: number;
}

export interface FocusFacts {
  /** All active ones, as the daemon last told. */
  alarms: readonly Alarm[];
  rules: AlarmRules;
  /** Milliseconds of the page's clock. */
  now: number;
  /** When somebody last touched the wall. */
  touchedAt: number;
  /** Somebody has opened a camera over the whole screen: that wins. */
  manual: boolean;
  /** Alarms whose camera somebody sent away. */
  dismissed: ReadonlySet<string>;
  /** Whether there is such a camera. */
  knows: (camera: string) => boolean;
}

/**
 * Which alarm moves something on the wall now. The higher priority at once, an equal one when the present camera has
 * been there for the least time, a lower one when nothing else is left. Nothing moves within the quiet time after
 * somebody touched the wall, but for what he sends away himself.
 */
export function nextFocus(present: Focus | undefined, facts: FocusFacts): Focus | undefined {
  const { rules, now, dismissed } = facts;
  if (!rules.enabled || facts.manual) return undefined;
  const wishes = facts.alarms.filter(
    ({ id, action, acknowledged, camera }) =>
      (action === 'promote' || action === 'full_screen') &&
      !acknowledged &&
      !dismissed.has(id) &&
      facts.knows(camera),
  );
  const mine = present && facts.alarms.find(({ id }) => id === present.alarm);
  const sentAway = present !== undefined && (dismissed.has(present.alarm) || mine?.acknowledged === true);
  const kept = sentAway ? undefined : present;
  if (now - facts.touchedAt < rules.quiet_seconds * 1000) return kept;

  const best = wishes.toSorted(byImportance)[0];
  if (!kept) return best && focusOn(best, now);
  const stays = wishes.find(({ id }) => id === kept.alarm);
  const rested = now - kept.since >= rules.minimum_focus_seconds * 1000;
  if (!best) return undefined;
  if (best.camera === kept.camera) return { ...focusOn(best, now), since: kept.since };
  if (best.priority > kept.priority) return focusOn(best, now);
  // It is over, or an equal one has come: the camera stays until one had time to see it.
  if (!rested) return stays ? { ...kept, ...settled(stays) } : kept;
  if (!stays || (best.priority === stays.priority && best.since > stays.since)) return focusOn(best, now);
  return { ...kept, ...settled(stays) };
}

const settled = ({ action, priority }: Alarm) => ({ action: action as Focus['action'], priority });

function focusOn(alarm: Alarm, now: number): Focus {
  return { alarm: alarm.id, camera: alarm.camera, since: now, ...settled(alarm) };
}

/** The most important first: priority, then the stronger action, then the newest. */
function byImportance(a: Alarm, b: Alarm): number {
  const strength = ({ action }: Alarm) => ['none', 'highlight', 'promote', 'full_screen'].indexOf(action);
  return b.priority - a.priority || strength(b) - strength(a) || b.since - a.since;
}

/** The alarm to draw around each camera's tile, by camera. Whatever else holds: a frame moves nothing. */
export function marksOf(alarms: readonly Alarm[]): Map<string, Alarm> {
  const marks = new Map<string, Alarm>();
  for (const alarm of alarms.toSorted(byImportance)) {
    if (alarm.action === 'none' || alarm.acknowledged || marks.has(alarm.camera)) continue;
    marks.set(alarm.camera, alarm);
  }
  return marks;
}
