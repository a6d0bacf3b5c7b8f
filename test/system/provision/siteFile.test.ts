import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseSourceUrl } from '../../../daemon/ingest/sourceUrl.ts';
import { sameDevice, streamAddress } from '../../../daemon/system/cli/provision/addresses.ts';
import { jsonPlaces, step } from '../../../daemon/system/cli/provision/jsonPlaces.ts';
import { faultLine, readSite } from '../../../daemon/system/cli/provision/siteFile.ts';

const faultsOf = (text: string, csv?: string) => {
  const read = readSite(
    { name: 'site.json', text },
    csv === undefined ? undefined : { name: 'cams.csv', text: csv },
  );
  return read.ok ? [] : read.faults.map(faultLine);
};
const site = (rest: object) => JSON.stringify({ walleye_site: 1, ...rest });

describe('places in a JSON text', () => {
  it('are told for every value of it, on the line where it stands', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value, null, 1);
        const { lines } = jsonPlaces(text);
        const visit = (part: unknown, pointer: string) => {
          assert.ok(lines.has(pointer), `${pointer} in ${text}`);
          if (typeof part === 'object' && part !== null)
            for (const [key, one] of Object.entries(part)) visit(one, step(pointer, key));
        };
        visit(JSON.parse(text), '');
      }),
    );
  });

  it('are lines from 1; a field that stands twice is told', () => {
    const { lines, repeated } = jsonPlaces('{\n "a": [1,\n {"b/c": 2}],\n "a": 3\n}');
    assert.deepEqual([lines.get('/a/0'), lines.get('/a/1/b~1c'), lines.get('/a')], [2, 3, 4]);
    assert.deepEqual(repeated, [{ pointer: '/a', line: 4 }]);
  });
});

describe('a site file', () => {
  it('is told all its faults at once, each with its line and place, never with a secret', () => {
    const text = `{
  "walleye_site": 1,
  "host": { "hostname": "a b", "screen_rotation": 45, "frobnicate": true },
  "users": [{ "name": "eve", "role": "boss", "password": "short" }],
  "cameras": [
    { "name": "Gate", "username": 5, "password": 4711 },
    { "id": "x" }
  ],
  "settings": { "wall_clock": "yes", "unchanged_seconds": -1, "language": "de" },
  "layouts": { "main": { "tiles": [{ "x": 2, "fit": "stretch" }] } }
}`;
    assert.deepEqual(faultsOf(text), [
      'site.json, line 3, /host: has the unknown field "frobnicate"; known are hostname, time_zone, ntp, network, ca_certificates, authorized_keys, update_source, restream, recording_disk, screen_rotation, screen_rotation_2',
      'site.json, line 3, /host/hostname: must be one label, without a domain, such as "wall-lobby"',
      'site.json, line 3, /host/screen_rotation: must be one of 0, 90, 180, 270',
      'site.json, line 9, /settings/language: must be one of "en", "zh-TW", "zh-CN" or null',
      'site.json, line 9, /settings/wall_clock: must be true or false',
      'site.json, line 9, /settings/unchanged_seconds: must be a number from 0 to 3600',
      'site.json, line 4, /users/0/role: must be one of "viewer", "admin"',
      'site.json, line 4, /users/0/password: must be text of 8 to 256 characters',
      'site.json, line 6, /cameras/0/username: must be text of at most 256 characters or null',
      'site.json, line 6, /cameras/0/password: must be text of at most 256 characters or null',
      'site.json, line 7, /cameras/1: lacks "name"',
      'site.json, line 10, /layouts/main/tiles/0: lacks "y", "width", "height", "cameras"',
      'site.json, line 10, /layouts/main/tiles/0/x: must be a number from 0 to 1',
      'site.json, line 10, /layouts/main/tiles/0/fit: must be one of "contain", "cover", "fill"',
    ]);
  });

  it('that is no JSON is told the place, and nothing of what stands there', () => {
    const [fault, ...others] = faultsOf(
      '{\n "walleye_site": 1,\n "users": [{"password": "hunter2hunter2" "x"}]\n}',
    );
    assert.deepEqual(others, []);
    assert.match(fault!, /^site\.json, line 3: is not JSON from column \d+ on$/);
  });

  it('may contradict itself, and is told so with the cameras of the table', () => {
    const stream = [{ profile: 'main', rtsp_url: 'rtsp://192.0.2.1/1' }];
    const text = site({
      host: { time_zone: 'Mars/Olympus' },
      users: [
        { name: 'a', role: 'admin', password: 'long enough' },
        { name: 'a', role: 'viewer', password: 'long enough' },
      ],
      cameras: [
        { id: 'gate', name: 'Gate', streams: stream },
        { name: 'Yard', address: 'admin:hunter2@192.0.2.2' },
        { name: 'Both', address: '192.0.2.3', streams: stream },
      ],
      layouts: { 'my wall': { tiles: [{ x: 0.6, y: 0, width: 0.6, height: 1, cameras: [] }] } },
    });
    const said = faultsOf(text, 'id,name,main_url\ngate,Other,rtsp://192.0.2.4/1\n,Yard,ftp://192.0.2.5/\n');
    assert.deepEqual(said, [
      'site.json, line 1, /users/1/name: is the name of user 1 of the list too',
      'cams.csv, line 2: gate is the id of camera 1 too',
      'cams.csv, line 3: is the name of camera 2 too: give both an id',
      'site.json, line 1, /cameras/1/address: holds user@: give username and password as fields of their own',
      'site.json, line 1, /cameras/2: needs either an address (ONVIF) or stream addresses, one of the two',
      'cams.csv, line 3: must look like rtsp://host:554/path, or rtsps://, http://, https://, rtmp://, srt://, file:///folder, v4l2:///dev/video0',
      'site.json, line 1, /layouts/my wall: must have a name of 1 to 64 of A–Z a–z 0–9 _ -',
      'site.json, line 1, /layouts/my wall/tiles/0: leaves the screen: x + width, y + height ≤ 1',
      'site.json, line 1, /host/time_zone: is no IANA time zone, such as Asia/Taipei',
    ]);
  });
});

describe('addresses of cameras', () => {
  it('of streams are read as the daemon reads them', () => {
    const unit = fc.constantFrom(...'ab1.:@/?#%[]é ', '?enableSrtp', '&', ':322', ':554', ':80', ':443');
    const scheme = fc.constantFrom('rtsp', 'RTSP', 'rtsps', 'RtspS', 'http', 'HTTPS');
    fc.assert(
      fc.property(scheme, fc.string({ unit, maxLength: 24 }), (name, rest) => {
        const url = `${name}://${rest}`;
        const theirs = parseSourceUrl(url);
        const ours = streamAddress(url);
        if ('invalid' in theirs) assert.equal(ours, undefined, url);
        else {
          const { requestUrl, username, password } = theirs;
          assert.deepEqual(ours, { url: requestUrl, username, password }, url);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('of devices are the same where what was not said differs, and not where what was said does', () => {
    const known = 'http://192.168.1.64/onvif/device_service';
    for (const same of ['192.168.1.64', '192.168.1.64:80', 'http://192.168.1.64', known])
      assert.ok(sameDevice(known, same), same);
    for (const other of [
      '192.168.1.6',
      '192.168.1.64:8080',
      'https://192.168.1.64',
      'http://192.168.1.64/other',
    ])
      assert.ok(!sameDevice(known, other), other);
  });
});
