/** Cameras and streams as the daemon sees them. Pure: nothing is asked of a camera. */
import type { DoctorLine, StreamState, StreamStatus } from '../../schema.ts';
import { type OpenDaemon, TROUBLE } from './daemonView.ts';
import { fact, look, well, wrong } from './line.ts';
import { counted } from './words.ts';

const MOST_LINES = 20;

const ADVICE: Partial<Record<StreamState, string>> = {
  gone: 'Has it power, is its cable in, is its address still the same? walleye discover finds it again.',
  refused: 'Give its right user and password on the admin page.',
  unsupported: 'Set this stream to H.264 in the camera’s own settings.',
  busy: 'It serves as many as it can: end other recorders or viewers, or restart the camera.',
  stalled: 'It is connected and sends nothing: restart the camera, look at the network.',
};
/** Nobody but a person mends these. The others may be over in a minute. */
const GRAVE: ReadonlySet<string> = new Set(['gone', 'refused', 'unsupported']);

export function cameraLines(view: OpenDaemon): DoctorLine[] {
  const { cameras, streams } = view;
  if (streams.length === 0) return [fact('cameras.streams', 'Cameras', 'none yet')];
  const bad = streams.filter(({ state, enabled }) => enabled && TROUBLE.has(state));
  const states = [...new Set(streams.map(({ state }) => state))].map(
    (state) => `${streams.filter((one) => one.state === state).length} ${state}`,
  );
  const text = `${counted(cameras.length, 'camera')}, ${counted(streams.length, 'stream')}: ${states.join(', ')}`;
  const summary = bad.length === 0 ? well : fact;
  const lines = [
    summary('cameras.streams', 'Cameras', text, [bad.length, 'count']),
    ...view.troubled.slice(0, MOST_LINES).map(troubleLine),
  ];
  const rest = bad.length - (lines.length - 1);
  if (rest > 0)
    lines.push(
      wrong(
        'cameras.more',
        'More streams',
        `${rest} more without a picture`,
        'See them all: walleye streams',
      ),
    );
  return lines;
}

function troubleLine({ name, camera, state, last_error: error }: StreamStatus): DoctorLine {
  const text = `${state}${error === null ? '' : `: ${error.message}`} (camera ${camera})`;
  const advice = ADVICE[state] ?? 'See: walleye stream show';
  return (GRAVE.has(state) ? wrong : look)(`cameras.stream.${name}`, `Stream ${name}`, text, advice);
}

/** What commissioning found of the cameras’ clocks (daemon/camera/commissioning.ts). */
export function cameraClockLines(view: OpenDaemon): DoctorLine[] {
  const done = view.advice.filter(({ state }) => state === 'done');
  if (done.length === 0) return [];
  const off = done.flatMap(({ camera, findings }) =>
    findings.filter(({ code }) => code === 'clock_wrong').map(({ seen }) => ({ camera, seen })),
  );
  if (off.length === 0)
    return [well('time.cameras', 'Cameras’ clocks', `right, of ${counted(done.length, 'measured camera')}`)];
  return off
    .slice(0, MOST_LINES)
    .map(({ camera, seen }) =>
      look(
        `time.camera.${camera}`,
        `Clock of ${camera}`,
        seen === null ? 'it is wrong' : `it is wrong: ${seen}`,
        'Give the camera a time server (this box’s gateway, or the one named above).',
      ),
    );
}
