import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeOnvif } from '../../daemon/camera/onvif.ts';
import { startOnvifService } from '../virtual-camera/onvifService.ts';
import { camera, LOGIN, MAIN } from './onvifCamera.ts';

describe('describing a camera', { concurrency: 2 }, () => {
  it('tells device and profiles, from a token that a strict camera accepts (case 25)', async (t) => {
    const service = await camera(t);
    const { clock_skew, ...description } = await describeOnvif({ address: service.url, ...LOGIN });
    assert.ok(clock_skew !== null && Math.abs(clock_skew) <= 1);
    assert.deepEqual(description, {
      address: service.url,
      manufacturer: 'Walleye',
      model: 'Virtual',
      firmware: '5.10',
      serial: '12345678901234567890',
      hardware: '1.0',
      profiles: [
        {
          token: 'Profile_1',
          name: 'mainStream',
          codec: 'h264',
          width: 1280,
          height: 720,
          fps: 15,
          bitrate: 2048,
          gop: 30,
          ptz: false,
          rtsp_url: 'rtsp://127.0.0.1:8554/main',
          snapshot_url: 'http://127.0.0.1:8080/snapshot.jpg?profile=1&x=2',
        },
      ],
    });
  });

  it('takes host:port, and credentials from the address', async (t) => {
    const service = await camera(t);
    const info = `${LOGIN.username}:${encodeURIComponent(LOGIN.password)}`;
    assert.equal(
      (await describeOnvif({ address: `${info}@127.0.0.1:${service.port}` })).address,
      service.url,
    );
  });

  it('finds the port itself when only a host is given (case 30: Reolink 8000, Tapo 2020)', async (t) => {
    // An address of loopback that nobody else uses, since the port must be that of a Tapo.
    const host = `127.77.${Math.floor(Math.random() * 250)}.${1 + Math.floor(Math.random() * 250)}`;
    const service = await camera(t, { host, port: 2020 });
    assert.equal((await describeOnvif({ address: host, ...LOGIN })).address, service.url);
    assert.ok(!service.calls.some((call) => call.startsWith('!')));
  });

  it('needs no login where the camera asks for none, and takes an empty password', async (t) => {
    const open = await startOnvifService({ name: 'Open', host: '127.0.0.1', profiles: [MAIN] });
    t.after(() => open.close());
    assert.equal((await describeOnvif({ address: open.url })).profiles.length, 1);
    const empty = await camera(t, { password: '' });
    assert.equal(
      (await describeOnvif({ address: empty.url, username: 'admin', password: '' })).profiles.length,
      1,
    );
  });

  it('works with a clock that is days off (case 23)', async (t) => {
    for (const clockSkewSeconds of [-20 * 365 * 86_400, 7 * 3600]) {
      const service = await camera(t, { clockSkewSeconds });
      const { clock_skew } = await describeOnvif({ address: service.url, ...LOGIN });
      assert.ok(Math.abs((clock_skew ?? 0) - clockSkewSeconds) <= 1, String(clock_skew));
      assert.ok(!service.calls.some((call) => call.startsWith('!')), 'the first token was accepted');
    }
  });

  it('works with a camera that tells one time and checks tokens by another (case 24: OpenIPC)', async (t) => {
    const local = await camera(t, {
      clockSkewSeconds: -36_000,
      timeZoneSeconds: 28_800,
      faults: { tokenSkewSeconds: -7200 },
    });
    assert.equal((await describeOnvif({ address: local.url, ...LOGIN })).profiles.length, 1);
    const ours = await camera(t, { clockSkewSeconds: -36_000, faults: { tokenSkewSeconds: 0 } });
    assert.equal((await describeOnvif({ address: ours.url, ...LOGIN })).profiles.length, 1);
  });

  it('works with a camera that wants a login even for the time (case 23: Panasonic, Axis)', async (t) => {
    const service = await camera(t, { faults: { closedClock: true } });
    assert.equal((await describeOnvif({ address: service.url, ...LOGIN })).profiles.length, 1);
  });

  it('answers HTTP Digest where tokens are not taken (case 26)', async (t) => {
    for (const faults of [
      {},
      { digestQop: 'auth' },
      { digestQop: 'auth, auth-int' },
      { digestQop: 'auth', digestAlgorithm: 'SHA-256' },
      { digestAlgorithm: 'TPLINK' },
    ]) {
      const service = await camera(t, { faults: { login: 'digest', ...faults } });
      const { profiles } = await describeOnvif({ address: service.url, ...LOGIN });
      assert.equal(profiles[0]?.rtsp_url, MAIN.rtspUrl, JSON.stringify(faults));
      // Remembered credentials are tried in one way only: the token's request is challenged, and that is answered.
      const once = await describeOnvif({ address: service.url, ...LOGIN, logins: 1 });
      assert.equal(once.profiles.length, 1, JSON.stringify(faults));
    }
  });

  it('uses GetCapabilities where GetServices is missing (case 29: older Axis)', async (t) => {
    const service = await camera(t, { faults: { noGetServices: true } });
    assert.equal((await describeOnvif({ address: service.url, ...LOGIN })).profiles.length, 1);
    assert.ok(service.calls.includes('GetCapabilities'));
  });

  it('keeps its own host and port when service and stream addresses come from inside a NAT (cases 29 and 30)', async (t) => {
    const service = await camera(t, {
      profiles: [
        {
          ...MAIN,
          rtspUrl: '\n rtsp://admin:x@10.0.0.5:8554/main?a=1&amp;b=2 ',
          snapshotUrl: 'http://10.0.0.5/s.jpg',
        },
      ],
      faults: { serviceHost: '10.0.0.5' },
    });
    const { profiles } = await describeOnvif({ address: service.url, ...LOGIN });
    assert.equal(profiles[0]?.rtsp_url, 'rtsp://127.0.0.1:8554/main?a=1&b=2');
    assert.equal(profiles[0]?.snapshot_url, 'http://127.0.0.1/s.jpg');
  });

  it('learns of H.265 from Media2, which Media1 hides, and asks Media2 for its address (case 31: Dahua)', async (t) => {
    const service = await camera(t, {
      profiles: [MAIN, { ...MAIN, token: 'P2', codec: 'hevc', rtspUrl: 'rtsp://127.0.0.1/h265' }],
    });
    const { profiles } = await describeOnvif({ address: service.url, ...LOGIN });
    assert.deepEqual(
      profiles.map(({ codec, rtsp_url }) => [codec, rtsp_url]),
      [
        ['h264', MAIN.rtspUrl],
        ['hevc', 'rtsp://127.0.0.1/h265'],
      ],
    );
    assert.ok(service.calls.includes('GetStreamUri') && service.calls.includes('GetStreamUri2'));
  });

  it('does without Media1 where there is only Media2 (case 31: Onvif.Core#43)', async (t) => {
    const service = await camera(t, { faults: { noMedia1: true, media2: true } });
    const { profiles } = await describeOnvif({ address: service.url, ...LOGIN });
    assert.deepEqual(
      profiles.map(({ codec, gop, rtsp_url }) => [codec, gop, rtsp_url]),
      [['h264', 30, MAIN.rtspUrl]],
    );
  });

  it('does without a snapshot address that the camera does not have (case 32)', async (t) => {
    const { snapshotUrl: _, ...profile } = MAIN;
    const service = await camera(t, { profiles: [profile] });
    const { profiles } = await describeOnvif({ address: service.url, ...LOGIN });
    assert.deepEqual([profiles[0]?.rtsp_url, profiles[0]?.snapshot_url], [MAIN.rtspUrl, null]);
  });

  it('gives tokens back exactly, though they look like numbers or hold signs of XML', async (t) => {
    const tokens = ['1.0', '007', '12345678901234567890', 'a&b<c>', 'true', 'profil é'];
    const service = await camera(t, {
      profiles: tokens.map((token) => ({
        ...MAIN,
        token,
        rtspUrl: `rtsp://127.0.0.1/${encodeURIComponent(token)}`,
      })),
    });
    const { profiles } = await describeOnvif({ address: service.url, ...LOGIN });
    assert.deepEqual(
      profiles.map(({ token, rtsp_url }) => [token, rtsp_url]),
      tokens.map((token) => [token, `rtsp://127.0.0.1/${encodeURIComponent(token)}`]),
    );
  });

  it('bears damage: bytes that are not UTF-8, a missing end, GetDeviceInformation that fails (case 33)', async (t) => {
    const service = await camera(t, {
      faults: {
        answer: (call, xml, response) => {
          if (call === 'GetDeviceInformation') {
            response.writeHead(200);
            response.end(Buffer.from(xml.replace('Virtual', 'V\u00ff\u00feV'), 'latin1'));
            return undefined;
          }
          return call === 'GetProfiles' ? xml.replace(/<\/env:Body>.*$/, '') : xml;
        },
      },
    });
    const description = await describeOnvif({ address: service.url, ...LOGIN });
    assert.equal(description.model, 'V\ufffd\ufffdV');
    assert.equal(description.profiles.length, 1);
    const faulty = await camera(t, {
      faults: { answer: (call, xml) => (call === 'GetDeviceInformation' ? '<html>500</html>' : xml) },
    });
    assert.equal((await describeOnvif({ address: faulty.url, ...LOGIN })).model, null);
  });

  it('tries once more when the camera closes the connection (case 33)', async (t) => {
    let closed = false;
    const service = await camera(t, {
      faults: {
        answer: (call, xml, response) => {
          if (call !== 'GetProfiles' || closed) return xml;
          closed = true;
          response.socket?.resetAndDestroy();
          return undefined;
        },
      },
    });
    assert.equal((await describeOnvif({ address: service.url, ...LOGIN })).profiles.length, 1);
  });
});
