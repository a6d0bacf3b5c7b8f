import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { force, readConnectors } from '../../../image/kiosk/connectors.ts';

/** As /sys/class/drm is, in ordinary files. */
const drm = mkdtempSync(join(tmpdir(), 'walleye-drm-'));
after(() => rmSync(drm, { recursive: true }));

function connector(entry: string, files: Record<string, string>): void {
  mkdirSync(join(drm, entry), { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(drm, entry, name), `${content}\n`);
}

describe('the machine’s connectors', () => {
  connector('card1', { dev: '226:1' });
  connector('renderD128', { dev: '226:128' });
  connector('card1-DP-10', { status: 'disconnected', modes: '', enabled: 'disabled', connector_id: '110' });
  connector('card1-DP-2', { status: 'connected', modes: '', enabled: 'disabled', connector_id: '102' });
  connector('card1-HDMI-A-1', {
    ...{ status: 'connected', modes: '1920x1080\n1280x720', enabled: 'enabled', connector_id: '95' },
  });
  connector('card1-Writeback-1', { status: 'unknown', modes: '', enabled: 'disabled' });
  connector('card2-HDMI-A-1', { status: 'disconnected', modes: '', enabled: 'disabled' });

  it('are told with what is plugged in and shown, in the order of their names', () => {
    const told = readConnectors(drm).map(({ name, connected, mode, enabled, id }) =>
      [name, connected, mode, enabled, id].join(' '),
    );
    assert.deepEqual(told, [
      'DP-2 true  false 102',
      'DP-10 false  false 110',
      'HDMI-A-1 true 1920x1080 true 95',
    ]);
  });

  it('are none where there is no graphics', () => assert.deepEqual(readConnectors(join(drm, 'none')), []));

  it('are switched off, and looked at again', () => {
    const [, , hdmi] = readConnectors(drm);
    for (const word of ['off', 'detect'] as const) {
      assert.equal(force(hdmi!, word), true);
      assert.equal(readFileSync(join(drm, 'card1-HDMI-A-1/status'), 'utf8'), word);
    }
    rmSync(join(drm, 'card1-HDMI-A-1'), { recursive: true });
    assert.equal(force(hdmi!, 'off'), false, 'it is said when we may not, or when it is gone');
  });
});
