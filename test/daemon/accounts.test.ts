import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startDaemon } from '../e2e/daemon.ts';

test('the daemon with WALLEYE_ADMIN_PASSWORD asks everybody to sign in, and lets in whom it should; so it does after a restart', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'walleye-accounts-'));
  const password = 'set in the unit file';
  try {
    const first: Record<string, string> = { WALLEYE_ADMIN_PASSWORD: password };
    for (const env of [first, {}]) {
      const daemon = await startDaemon({ stateDir, env });
      try {
        const status = async (headers: Record<string, string> = {}, path = '/api/users') =>
          (await fetch(daemon.url + path, { headers, redirect: 'manual' })).status;
        assert.equal(await status(), 401);
        const file = (name: string) => join(stateDir, 'tokens', name);
        for (const name of ['cli', 'screen']) assert.equal(statSync(file(name)).mode & 0o777, 0o600);
        const token = readFileSync(file('cli'), 'utf8').trim();
        assert.equal(await status({ authorization: `Bearer ${token}` }), 200);
        const basic = Buffer.from(`admin:${password}`).toString('base64');
        assert.equal(await status({ authorization: `Basic ${basic}` }), 200);
        assert.equal(await status({}, `/screen/${readFileSync(file('screen'), 'utf8').trim()}`), 303);
        assert.equal(await status({}, '/admin'), 200, 'the page itself holds nothing');
        const log = daemon.log.join('\n');
        for (const secret of [password, token, basic]) assert.ok(!log.includes(secret));
      } finally {
        await daemon.stop();
      }
    }
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
});
