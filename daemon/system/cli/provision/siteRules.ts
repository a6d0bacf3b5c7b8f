/** What is wrong with a provisioning file though each of its values has the right form. Pure. */
import { NAME_PATTERN, type Site } from '../../../schema.ts';
import { hasUserinfo, streamAddress } from './addresses.ts';
import { step } from './jsonPlaces.ts';

export interface Contradiction {
  /** JSON pointer into the site, the cameras of the table behind those of the file. */
  pointer: string;
  message: string;
}

/** As the API allows: thirds add up to 1.0000000000000002 in floating point. */
const TOLERANCE = 1e-6;
const MOST_CAMERAS = 256;
const name = new RegExp(NAME_PATTERN);

export function contradictions(site: Site): Contradiction[] {
  return [...ofUsers(site), ...ofCameras(site), ...ofLayouts(site), ...ofTimeZones(site)];
}

function ofUsers({ users = [] }: Site): Contradiction[] {
  return twice(users.map((user) => user.name)).map(([index, first]) => ({
    pointer: `/users/${index}/name`,
    message: `is the name of user ${first + 1} of the list too`,
  }));
}

function ofCameras({ cameras = [] }: Site): Contradiction[] {
  const found: Contradiction[] = [];
  const fault = (index: number, part: string, message: string) =>
    found.push({ pointer: `/cameras/${index}${part}`, message });
  if (cameras.length > MOST_CAMERAS)
    found.push({
      pointer: '/cameras',
      message: `are ${cameras.length} with the table, ${MOST_CAMERAS} at most`,
    });
  for (const [index, first] of twice(cameras.map(({ id }) => id)))
    fault(index, '/id', `${cameras[index]?.id} is the id of camera ${first + 1} too`);
  // A camera without an id is known again by its name.
  for (const [index, first] of twice(cameras.map((camera) => camera.name)))
    if (cameras[index]?.id === undefined || cameras[first]?.id === undefined)
      fault(index, '/name', `is the name of camera ${first + 1} too: give both an id`);
  for (const [index, { address, streams }] of cameras.entries()) {
    if ((address === undefined) === (streams === undefined))
      fault(index, '', 'needs either an address (ONVIF) or stream addresses, one of the two');
    if (address !== undefined && hasUserinfo(address))
      fault(index, '/address', 'holds user@: give username and password as fields of their own');
    for (const [at, { rtsp_url }] of (streams ?? []).entries())
      if (!streamAddress(rtsp_url))
        fault(
          index,
          `/streams/${at}/rtsp_url`,
          'must look like rtsp://host:554/path, or rtsps://, http://, https://, rtmp://, srt://, file:///folder, v4l2:///dev/video0',
        );
    for (const [at] of twice((streams ?? []).map(({ profile }) => profile)))
      fault(index, `/streams/${at}/profile`, 'is the profile of another stream of this camera too');
  }
  return found;
}

function ofLayouts({ layouts = {} }: Site): Contradiction[] {
  return Object.entries(layouts).flatMap(([key, { tiles }]) => {
    const pointer = step('/layouts', key);
    const outside = tiles.flatMap(({ x, y, width, height }, index) =>
      x + width > 1 + TOLERANCE || y + height > 1 + TOLERANCE
        ? [{ pointer: `${pointer}/tiles/${index}`, message: 'leaves the screen: x + width, y + height ≤ 1' }]
        : [],
    );
    const wrong = { pointer, message: 'must have a name of 1 to 64 of A–Z a–z 0–9 _ -' };
    return name.test(key) ? outside : [wrong, ...outside];
  });
}

function ofTimeZones({ host, settings }: Site): Contradiction[] {
  const places: [string, string | undefined][] = [
    ['/host/time_zone', host?.time_zone],
    ['/settings/time_zone', settings?.time_zone],
  ];
  return places
    .filter(([, zone]) => zone !== undefined && timeZone(zone) === undefined)
    .map(([pointer]) => ({ pointer, message: 'is no IANA time zone, such as Asia/Taipei' }));
}

/** As V8 writes it; undefined: there is no such zone. */
export function timeZone(given: string): string | undefined {
  try {
    if (/^[A-Za-z]/.test(given))
      return new Intl.DateTimeFormat('en', { timeZone: given }).resolvedOptions().timeZone;
  } catch {
    // RangeError: it knows no such zone.
  }
  return undefined;
}

/** Index of each one that stood before, and of where it stood first. */
function twice(values: (string | undefined)[]): [index: number, first: number][] {
  return values.flatMap((value, index): [number, number][] => {
    const first = value === undefined ? index : values.indexOf(value);
    return first < index ? [[index, first]] : [];
  });
}
