/** Talking through a camera's loudspeaker, over a real daemon's API, to a camera that we did not write. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { AuditEntry, TalkEvent } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { gstServerMissing } from '../peers/gstRtspServer.ts';
import { type GstTalkServer, startGstTalkServer } from '../peers/gstTalkServer.ts';
import { frequencyOf } from '../peers/tone.ts';
import { startVirtualCameras, type VirtualCameras } from '../virtual-camera/index.ts';

const missing = process.env.CI === 'true' ? undefined : await gstServerMissing();
const RATE = 16_000;

describe('talking to a camera by the API', { skip: missing, timeout: 180_000 }, () => {
  let door: GstTalkServer;
  let mute: VirtualCameras;
  let daemon: Daemon;
  before(async () => {
    door = await startGstTalkServer('pcmu', ['guard', 'secret word']);
    mute = await startVirtualCameras({ cameras: [{ name: 'Roof', auth: 'none', port: 0 }] });
    daemon = await startDaemon();
    const add = (id: string, url: string, login: object) =>
      daemon.api('POST', '/api/cameras', {
        ...{ id, name: id, ...login },
        streams: [{ profile: 'main', rtsp_url: url, keep_warm: false }],
      });
    await add('door', door.url, { username: 'guard', password: 'secret word' });
    await add('roof', mute.cameras[0]!.rtspUrl('main'), {});
    await add('locked', door.url, { username: 'guard', password: 'wrong' });
  });
  after(async () => {
    await daemon?.stop();
    await mute?.close();
    await door?.close();
  });

  /** Opens the socket, and waits for what the box says first. */
  async function talk(id: string): Promise<{ socket: WebSocket; said: TalkEvent }> {
    const socket = new WebSocket(
      `${daemon.url.replace('http', 'ws')}/api/cameras/${id}/talk?sample_rate=${RATE}`,
    );
    const [data] = (await once(socket, 'message')) as [Buffer];
    return { socket, said: JSON.parse(String(data)) as TalkEvent };
  }

  it('is heard from its loudspeaker; another one has to wait, and then may', async () => {
    const { socket, said } = await talk('door');
    assert.deepEqual(said, { type: 'talking', codec: 'pcmu' });
    const second = await talk('door');
    assert.equal(second.said.type === 'error' && second.said.code, 'talked_to');
    socket.send('not sound');
    for (let n = 0; n < 100; n++) {
      const piece = Int16Array.from({ length: RATE / 50 }, (_, i) =>
        Math.round(12_000 * Math.sin((2 * Math.PI * 500 * ((n * RATE) / 50 + i)) / RATE)),
      );
      socket.send(Buffer.from(piece.buffer));
      await sleep(20);
    }
    await until('a second of it to be heard', () => door.heard().length > 8_000);
    const frequency = frequencyOf(door.heard().subarray(2_000, 7_000), 8_000);
    assert.ok(Math.abs(frequency - 500) < 5, `${frequency} Hz`);
    socket.close();
    await until('it to be free again', async () => {
      const next = await talk('door');
      next.socket.close();
      return next.said.type === 'talking';
    });
    const { entries } = await daemon.api<{ entries: AuditEntry[] }>('GET', '/api/audit');
    assert.ok(entries.some(({ action, target }) => action === 'camera.talk' && target === 'door'));
  });

  it('tells of a camera without a loudspeaker, of a wrong password once, and of no camera', async () => {
    const has = async (id: string) =>
      (await daemon.api<{ supported: boolean }>('GET', `/api/cameras/${id}/loudspeaker`)).supported;
    assert.deepEqual([await has('door'), await has('roof')], [true, false]);
    await assert.rejects(has('locked'), /refused/);
    const { said } = await talk('roof');
    assert.equal(said.type === 'error' && said.code, 'no_loudspeaker');
    for (let n = 0; n < 2; n++) {
      const refused = await talk('locked');
      assert.equal(refused.said.type === 'error' && refused.said.code, 'refused');
    }
    const answer = await fetch(`${daemon.url}/api/cameras/nowhere/talk`);
    assert.equal(answer.status, 404);
    assert.equal((await fetch(`${daemon.url}/api/cameras/door/talk`)).status, 426);
  });
});
