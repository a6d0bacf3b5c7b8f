/** The daemon's real API, asked as root asks it. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { ScreenHeartbeat } from '../../../daemon/camera/screenHeartbeat.ts';
import { askDaemon, doorOf } from '../../../daemon/host/update/daemonApi.ts';
import { look, missing, NOTHING_SEEN } from '../../../daemon/host/update/judgement.ts';
import { placesBelow } from '../../../daemon/host/update/places.ts';
import { beforeRestart, wallReport } from '../../../daemon/host/update/wallReport.ts';
import { type ApiServer, startApi } from '../../api/apiServer.ts';

let api: ApiServer;
let root: string;
const heartbeat = new ScreenHeartbeat();
before(async () => {
  api = await startApi({ heartbeat });
  root = mkdtempSync(join(tmpdir(), 'walleye-report-'));
  mkdirSync(join(root, 'etc/walleye'), { recursive: true });
  writeFileSync(join(root, 'etc/walleye/walleye.env'), `WALLEYE_PORT=${api.port}\n`);
});
after(async () => {
  await api.close();
  rmSync(root, { recursive: true });
});

it('what root asks for, the daemon tells: screen, tiles, cameras, walls', async () => {
  const ask = askDaemon(() => doorOf(placesBelow(root)));
  await api.cameras.addStream({ name: 'door', rtsp_url: 'rtsp://192.0.2.1/' });
  const silent = await wallReport(ask);
  assert.equal(silent?.silence, null);
  assert.equal(missing(look(NOTHING_SEEN, silent), undefined).length, 1);
  const tile = { viewer: 'p.0', hash: 7, same_ms: 0 };
  heartbeat.beat({ tiles: [tile, { ...tile, viewer: 'p.1', hash: null }] });
  const report = await wallReport(ask);
  assert.ok(report && report.silence !== null && report.silence < 20);
  assert.equal(report.painting, 1);
  assert.deepEqual([report.live, report.idle], [[], ['door']]);
  Object.assign(api.cameras.byName.get('door')!, { state: 'live', viewers: 1 });
  assert.deepEqual(await beforeRestart(ask, '2'), {
    target: '2',
    cameras: ['door'],
    painting: 1,
    steady: true,
  });
});
