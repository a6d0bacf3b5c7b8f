/** Every text of the wall, in one place, for translation. */
export const text = {
  connecting: 'Connecting',
  noPicture: 'NO PICTURE',
  offline: 'OFFLINE',
  loginRefused: 'LOGIN REFUSED',
  loginRefusedNote: 'Check the camera’s user name and password.',
  unsupported: 'CANNOT DECODE',
  unsupportedNote: 'The camera’s video is in a format that Walleye cannot show.',
  busy: 'CAMERA BUSY',
  busyNote: 'The camera has no connection left. Close other viewers.',
  stopped: 'SWITCHED OFF',
  stoppedNote: 'This stream was stopped by hand.',
  ended: 'RECORDING ENDED',
  unreachable: 'NO CONNECTION',
  unknownCamera: 'NO SUCH CAMERA',
  unknownCameraNote: (id: string) => `The layout names ${id}, which is not there any more.`,
  noStream: 'NO VIDEO',
  noStreamNote: 'This camera has no stream.',
  noConnection: 'NOT SHOWN',
  noConnectionNote: 'Browsers open only a few pictures from one address. Use a smaller layout here.',
  daemonGone: 'Walleye does not answer. Trying again…',
  starting: 'Walleye is starting…',
  seconds: (n: number) => `${n} s`,
  since: (time: string) => `since ${time}`,
  emptyTitle: 'No cameras yet',
  emptyLead: 'The wall fills by itself as soon as the first camera is added.',
  emptyFind: 'Find the cameras on this network',
  emptyAdd: 'Add one',
  emptyAddress: 'or, where ONVIF is missing, by its stream',
  emptyLater: 'An admin page for all this comes in a later version.',
};

/** Wall-clock time of a moment for “since …”; with the day when that is not today. Local time, 24 hours. */
export function clock(moment: Date, today: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const time = `${two(moment.getHours())}:${two(moment.getMinutes())}`;
  if (moment.toDateString() === today.toDateString()) return time;
  const day = moment.toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
  return `${day}, ${time}`;
}
