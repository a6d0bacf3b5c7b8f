/** Which notifications of ONVIF cameras are events, and of what kind. Pure. */
import type { AlarmTopic } from '../schema.ts';
import type { AlarmEvent } from './alarmRules.ts';
import type { Notification } from './onvifEventReply.ts';

/**
 * The first that fits decides; by words, since each make has its own rules and paths beside those of the standard.
 * What is not here (processor load, profile changes, relays, recordings) is no event for an operator.
 */
const TOPICS: readonly (readonly [RegExp, AlarmTopic])[] = [
  // Reolink, Hikvision: RuleEngine/MyRuleDetector/PeopleDetect, FaceDetect; Tapo: TPSmartEvent…; Tiandy: HumanShapeDetect
  [/people|person|human|pedestrian|\bface/, 'person'],
  [/vehicle|licen[cs]eplate|motorcycle|\/cardetect/, 'vehicle'],
  // RuleEngine/LineDetector/Crossed; Dahua CrossLineDetection
  [/linedetector|linecross|crossline|tripwire/, 'line'],
  // VideoSource/GlobalSceneChange/…, ImageTooDark/…, SignalLoss; RuleEngine/TamperDetector/Tamper
  [/globalscenechange|imagetoo(dark|bright|blurry)|signalloss|videoloss|tamper|occlusion/, 'tamper'],
  [/audioanalytics|detectedsound|sounddetect|audiodetect/, 'sound'],
  // A doorbell's button (Reolink: MyRuleDetector/Visitor) is a contact.
  [/digitalinput|virtualinput|\/io\/port|visitor|doorbell/, 'digital_input'],
  // Axis: Device/Sensor/PIR, …/VMD/Camera1Profile1, …/ObjectAnalytics/…
  [/motion|fielddetector|intrusion|loiter|\/pir$|\/vmd\/|\/vmd3\/|objectanalytics/, 'motion'],
];
/** Other rules of a camera's own, if they say yes and no. */
const OTHERS = /^(ruleengine|useralarm)\//;

/** Items of the data that say whether it is so now. */
const STATES = new Set([
  'state',
  'ismotion',
  'logicalstate',
  'isinside',
  'iscrossed',
  'istamper',
  'issounddetected',
  'isloitering',
  'active',
  'motion',
  'alarm',
]);
const YES = new Set(['true', '1', 'active', 'on', 'yes']);
const NO = new Set(['false', '0', 'inactive', 'off', 'no']);

const SOURCES = ['videosourceconfigurationtoken', 'videosourcetoken', 'videosource', 'source'];

export type TopicEvent = Pick<AlarmEvent, 'topic' | 'phase' | 'key' | 'message'> & {
  /** Tokens of the video source that it is about, as far as they are told. */
  readonly sources: readonly string[];
};

/**
 * Undefined: nothing happened that matters here. `Initialized` is how things were when we came, no event; that something
 * is not so any more ends what we may have missed the end of.
 */
export function eventOf({ topic, operation, source, data }: Notification): TopicEvent | undefined {
  const path = `/${topic.toLowerCase()}`;
  const state = stateOf(data);
  const known = TOPICS.find(([words]) => words.test(path))?.[1];
  const kind = known ?? (OTHERS.test(path.slice(1)) && state !== undefined ? 'other' : undefined);
  if (kind === undefined) return undefined;
  if (operation === 'initialized' && state !== false) return undefined;
  const over = state === false || operation === 'deleted';
  const sources = SOURCES.flatMap((name) => source.get(name) ?? []).filter((token) => token !== '');
  return {
    topic: kind,
    phase: over ? 'end' : state === undefined ? 'moment' : 'begin',
    key: [topic, ...[...source].map(([name, value]) => `${name}=${value}`).sort()].join(' ').slice(0, 400),
    // What we know no word for says at least its path.
    message: kind === 'other' ? topic : null,
    sources,
  };
}

function stateOf(data: ReadonlyMap<string, string>): boolean | undefined {
  const named = [...data].find(([name]) => STATES.has(name))?.[1];
  const only = data.size === 1 ? [...data.values()][0] : undefined;
  const word = (named ?? only ?? '').toLowerCase();
  if (YES.has(word) && (named !== undefined || word !== '1')) return true;
  if (NO.has(word) && (named !== undefined || word !== '0')) return false;
  return undefined;
}
