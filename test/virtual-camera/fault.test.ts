import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Malformation, parseFault } from './fault.ts';
import { startVirtualCameras, type VirtualCamera, type VirtualCameras } from './index.ts';
import { stampsOf, TestClient, until, watch } from './testClient.ts';

const SECONDS = 2;

async function askTime(onvifUrl: string): Promise<string> {
  const call = '<GetSystemDateAndTime xmlns="http://www.onvif.org/ver10/device/wsdl"/>';
  const body = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>${call}</s:Body></s:Envelope>`;
  return (await fetch(onvifUrl, { method: 'POST', body })).text();
}

describe('a fault on command', { concurrency: true }, () => {
  let running: VirtualCameras;
  let used = 0;
  /** A camera that no other test touches. They share one clip: name and hue are equal. */
  const camera = (): VirtualCamera => running.cameras[used++]!;
  const sized = async (one: VirtualCamera, profile: 'main' | 'sub' = 'sub') => {
    const client = await TestClient.to(one.rtspUrl(profile));
    return { client, url: one.rtspUrl(profile) };
  };
  const playing = async (one: VirtualCamera, profile: 'main' | 'sub' = 'sub') => {
    const { client, url } = await sized(one, profile);
    const session = await client.play(url);
    await until('pictures', () => client.packets.length > 4);
    return { client, url, session };
  };

  before(async () => {
    const one = { name: 'Fault', hue: 10, scene: 'street', seconds: SECONDS } as const;
    const cameras = Array.from({ length: 22 }, (_, i) => ({
      ...one,
      id: `fault-${i}`,
      // The first two have ports of their own, the third a short session.
      ...(i < 2 ? { port: 0 } : {}),
      ...(i === 2 ? { sessionTimeout: 1 } : {}),
    }));
    running = await startVirtualCameras({ cameras });
  });
  after(() => running.close());

  it('refuse: connections drop and its own port is closed, until cleared', async () => {
    const one = camera();
    const { client, url } = await playing(one);
    await one.fault({ refuse: true });
    await until('connection dropped', () => client.closed);
    await assert.rejects(TestClient.to(url), /ECONNREFUSED/);
    await assert.rejects(fetch(one.onvifUrl));
    await one.clearFaults();
    assert.match(await askTime(one.onvifUrl), /GetSystemDateAndTimeResponse/);
    const again = await playing(one);
    again.client.close();
    await until('no session left', () => one.stats.sessions === 0);
  });

  it('reboot: off for a while, then back with another SSRC', async () => {
    const one = camera();
    const { client, url } = await playing(one);
    await one.fault({ reboot: 0.3 });
    await until('connection dropped', () => client.closed);
    await assert.rejects(TestClient.to(url), /ECONNREFUSED/);
    let back: TestClient | undefined;
    await until('it is back', () => {
      void TestClient.to(url).then(
        (found) => {
          if (back) found.close();
          else back = found;
        },
        () => {},
      );
      return back !== undefined;
    });
    await back!.play(url);
    await until('pictures', () => back!.packets.length > 4);
    assert.notEqual(back!.packets[0]!.readUInt32BE(8), client.packets[0]!.readUInt32BE(8));
    back!.close();
  });

  it('session timeout: a session that nobody keeps alive is ended, one kept alive is not', async () => {
    const one = camera();
    const kept = await playing(one);
    const forgotten = await playing(one);
    await until('the forgotten one is ended', () => {
      void kept.client.ask('GET_PARAMETER', kept.url, { Session: kept.session }).catch(() => {});
      return forgotten.client.closed;
    });
    assert.equal(one.stats.timeouts, 1);
    assert.equal(kept.client.closed, false);
    kept.client.close();
  });

  it('stopSending: no pictures, but answers; pictures again afterwards', async () => {
    const one = camera();
    const { client, url, session } = await playing(one);
    await one.fault({ stopSending: true });
    assert.equal((await client.ask('OPTIONS', url, { Session: session })).status, 200);
    const had = client.packets.length;
    assert.equal((await client.ask('GET_PARAMETER', url, { Session: session })).status, 200);
    assert.equal(client.packets.length, had);
    await one.fault({ stopSending: false });
    await until('pictures', () => client.packets.length > had);
    client.close();
  });

  it('repeat: one and the same picture, its stamp too, on a stream that goes on; the others afterwards', async () => {
    const one = camera();
    await one.fault({ repeat: true });
    const { client } = await playing(one);
    const frozen = await watch(one.rtspUrl('sub'), { transport: 'tcp', count: 8 });
    assert.equal(new Set(stampsOf(frozen)).size, 1);
    assert.ok(stampsOf(frozen)[0] !== undefined);
    for (const picture of frozen) assert.ok(picture.equals(frozen[0]!), 'the same pixels');
    const packets = [...client.packets];
    const times = new Set(packets.map((packet) => packet.readUInt32BE(4)));
    assert.ok(times.size >= 8, 'time goes on');
    for (const [i, packet] of packets.entries()) {
      const before = packets[i - 1];
      if (before) assert.equal(packet.readUInt16BE(2), (before.readUInt16BE(2) + 1) & 0xffff);
    }
    await one.fault({ repeat: false });
    const moving = stampsOf(await watch(one.rtspUrl('sub'), { transport: 'tcp', count: 3 }));
    assert.equal(new Set(moving).size, 3);
    client.close();
  });

  it('close: connections drop, new ones are welcome', async () => {
    const one = camera();
    const { client } = await playing(one);
    await one.fault({ close: true });
    await until('connection dropped', () => client.closed);
    (await playing(one)).client.close();
  });

  it('refuse on a shared port: reset at the first request', async () => {
    const one = camera();
    await one.fault({ refuse: true });
    const { client, url } = await sized(one);
    await assert.rejects(client.ask('OPTIONS', url), /hung up/);
  });

  it('unauthorized: 401 for everybody', async () => {
    const one = camera();
    await one.fault({ unauthorized: true });
    const { client, url } = await sized(one);
    const answer = await client.ask('DESCRIBE', url);
    assert.equal(answer.status, 401);
    assert.ok(answer.headers['www-authenticate']);
    client.close();
  });

  it('delay: answers come later, still in order', async () => {
    const one = camera();
    await one.fault({ delay: 300 });
    const { client, url } = await sized(one);
    const began = performance.now();
    assert.equal((await client.ask('DESCRIBE', url)).status, 200);
    assert.ok(performance.now() - began >= 290);
    client.close();
  });

  it('newSsrc: another SSRC in the running session', async () => {
    const one = camera();
    const { client } = await playing(one);
    const ssrc = client.packets[0]!.readUInt32BE(8);
    await one.fault({ newSsrc: true });
    await until('another SSRC', () => client.packets.at(-1)!.readUInt32BE(8) !== ssrc);
    client.close();
  });

  it('expireNonces: 401 with a new nonce in the middle of a session', async () => {
    const spec = {
      name: 'Fault',
      id: 'nonce',
      auth: 'digest',
      hue: 10,
      scene: 'street',
      seconds: SECONDS,
    } as const;
    const one = await startVirtualCameras({ cameras: [spec] });
    const [digest] = one.cameras as [VirtualCamera];
    const { client, url } = await sized(digest);
    const first = (await client.ask('DESCRIBE', url)).headers['www-authenticate'];
    const same = (await client.ask('DESCRIBE', url)).headers['www-authenticate'];
    await digest.fault({ expireNonces: true });
    const other = (await client.ask('DESCRIBE', url)).headers['www-authenticate'];
    assert.equal(first, same);
    assert.notEqual(first, other);
    client.close();
    await one.close();
  });

  it('resolution: another size in-band from a key frame, same frame numbers, and back', async () => {
    const one = camera();
    const spsOf = (client: TestClient) =>
      new Set(
        client.packets.filter((p) => [24, 7].includes(p[12]! & 0x1f)).map((p) => p.toString('hex', 12, 40)),
      );
    const { client } = await playing(one);
    await until('parameter sets', () => spsOf(client).size === 1);
    await one.fault({ resolution: { profile: 'sub', width: 320, height: 180 } });
    await until('other parameter sets', () => spsOf(client).size === 2);
    const stamps = stampsOf(await watch(one.rtspUrl('sub'), { transport: 'tcp', count: 3 }));
    assert.deepEqual(stamps.slice(1), [(stamps[0]! + 1) % 30, (stamps[0]! + 2) % 30]);
    const had = client.packets.length;
    await one.clearFaults();
    const original = client.packets.find((p) => [24, 7].includes(p[12]! & 0x1f))!.toString('hex', 12, 40);
    await until('its own size again', () =>
      client.packets.slice(had).some((p) => p.toString('hex', 12, 40) === original),
    );
    client.close();
  });

  it('udpLoss and udpReorder: ffmpeg sees the loss and reports it', async () => {
    const one = camera();
    await one.fault({ udpLoss: 0.2, udpReorder: 0.2, seed: 7 });
    await watch(one.rtspUrl('main'), { transport: 'udp', count: 10 });
    assert.ok(one.stats.udpLost > 3);
    assert.ok(one.stats.udpReordered > 3);
    assert.ok(one.stats.receiverReports > 0);
  });

  it('capacity: 453 for one session too many', async () => {
    const one = camera();
    await one.fault({ capacity: 1 });
    const first = await playing(one);
    const { client, url } = await sized(one);
    await assert.rejects(client.play(url), /453/);
    first.client.close();
    await until('room again', () => one.stats.sessions === 0);
    await client.play(url);
    client.close();
  });

  it('displaces: the oldest session ends for one too many', async () => {
    const one = camera();
    await one.fault({ capacity: 1, displaces: true });
    const first = await playing(one);
    const { client, url } = await sized(one);
    await client.play(url);
    await until('the first is gone', () => first.client.closed && one.stats.sessions === 1);
    client.close();
  });

  it('answers: a status for a method', async () => {
    const one = camera();
    await one.fault({ answers: { PAUSE: 551, OPTIONS: 404 } });
    const { client, url, session } = await playing(one);
    assert.equal((await client.ask('PAUSE', url, { Session: session })).status, 551);
    assert.equal((await client.ask('OPTIONS', url)).status, 404);
    client.close();
  });

  it('udp and tcp: refused with 461, or UDP answered with TCP', async () => {
    const one = camera();
    const { client, url } = await sized(one);
    const udp = { Transport: 'RTP/AVP;unicast;client_port=45000-45001' };
    await one.fault({ udp: 'refused', tcp: 'refused' });
    assert.equal((await client.ask('SETUP', url, udp)).status, 461);
    assert.equal((await client.ask('SETUP', url, { Transport: 'RTP/AVP/TCP;interleaved=0-1' })).status, 461);
    await one.fault({ udp: 'answered-tcp' });
    const answer = await client.ask('SETUP', url, udp);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.transport!, /RTP\/AVP\/TCP;unicast;interleaved=0-1/);
    client.close();
  });

  it('malformed: each kind shows on the wire', async () => {
    const one = camera();
    const { client, url, session } = await playing(one);
    const ask = async (kind: Malformation, method: string) => {
      await one.fault({ malformed: [kind] });
      const headers: Record<string, string> = method === 'DESCRIBE' ? {} : { Session: session };
      return client.ask(method, url, headers);
    };
    assert.match((await ask('status-line', 'OPTIONS')).statusLine, /^HELLO 200/);
    assert.equal((await ask('no-reason', 'OPTIONS')).statusLine, 'RTSP/1.0 200');
    const before = Number((await ask('blanks', 'GET_PARAMETER')).headers.cseq);
    assert.equal(Number((await ask('wrong-cseq', 'GET_PARAMETER')).headers.cseq), before);
    assert.equal((await ask('no-cseq', 'GET_PARAMETER')).headers.cseq, undefined);
    assert.match((await ask('blanks', 'GET_PARAMETER')).headers.session!, /^\s{6,}\w+;timeout=60 $/);
    assert.equal((await ask('no-session', 'GET_PARAMETER')).headers.session, undefined);
    assert.equal((await ask('no-content-type', 'DESCRIBE')).headers['content-type'], undefined);
    assert.match((await ask('content-base', 'DESCRIBE')).headers['content-base']!.trim(), /^127\.0\.0\.1:/);
    assert.match((await ask('rtp-info', 'PLAY')).headers['rtp-info']!, /seq=0;rtptime=-1;$/);
    await ask('server-options', 'PLAY');
    await until('the camera asked', () => client.asked === 1);
    assert.equal(client.garbage, 0);
    await one.fault({ malformed: ['garbage'] });
    await until('garbage between frames', () => client.garbage > 8);
    client.close();
    await one.fault({ malformed: ['other-channels'] });
    const other = await sized(one);
    const answer = await other.client.ask('SETUP', url, { Transport: 'RTP/AVP/TCP;unicast;interleaved=0-1' });
    assert.match(answer.headers.transport!, /interleaved=10-11/);
    other.client.close();
  });
});

describe('a fault from JSON', () => {
  it('is taken with known members and sensible values, else refused with the reason', () => {
    assert.deepEqual(parseFault({ delay: 5, malformed: ['garbage'] }), {
      ok: true,
      fault: { delay: 5, malformed: ['garbage'] },
    });
    for (const bad of [
      null,
      [],
      'x',
      { nonsense: 1 },
      { toString: true },
      { delay: -1 },
      { malformed: ['x'] },
      { resolution: { profile: 'main', width: 3, height: 2 } },
      { udpLoss: 2 },
      { close: false },
      { answers: { PLAY: 'x' } },
    ]) {
      const result = parseFault(bad);
      assert.equal(result.ok, false, JSON.stringify(bad));
      assert.ok(!result.ok && result.message.length > 10);
    }
  });
});
