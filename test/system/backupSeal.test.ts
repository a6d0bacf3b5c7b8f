import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Backup } from '../../daemon/schema.ts';
import { open, seal } from '../../daemon/system/backupSeal.ts';

const TEXT = JSON.stringify({ cameras: [{ password: 'hunter2' }], name: 'Türe 東門' });
const PASSPHRASE = 'correct horse battery';

describe('a sealed backup', () => {
  let backup: Backup;
  before(async () => {
    backup = await seal(TEXT, PASSPHRASE, { created: 1_760_000_000, version: '0.3.0', name: 'Gate 3' });
  });

  it('opens with its passphrase to the very same text', async () => {
    assert.deepEqual(await open(backup, PASSPHRASE), { ok: true, text: TEXT });
  });

  it('survives being written to a file and read again', async () => {
    const read = JSON.parse(JSON.stringify(backup)) as Backup;
    assert.deepEqual(await open(read, PASSPHRASE), { ok: true, text: TEXT });
  });

  it('shows nothing of what is in it', () => {
    const text = JSON.stringify(backup);
    for (const secret of ['hunter2', PASSPHRASE, 'cameras']) assert.ok(!text.includes(secret), secret);
    assert.ok(!Buffer.from(backup.data, 'base64').includes('hunter2'));
  });

  it('makes guessing dear: scrypt with 128 MiB', () => {
    assert.deepEqual({ ...backup.kdf, salt: '' }, { name: 'scrypt', salt: '', n: 131_072, r: 8, p: 1 });
  });

  it('is another one each time', async () => {
    const again = await seal(TEXT, PASSPHRASE, backup);
    for (const field of ['iv', 'tag', 'data'] as const) assert.notEqual(again[field], backup[field], field);
    assert.notEqual(again.kdf.salt, backup.kdf.salt);
  });

  it('does not open with another passphrase', async () => {
    assert.deepEqual(await open(backup, `${PASSPHRASE}.`), { ok: false, why: 'wrong_passphrase' });
  });

  it('takes the passphrase however the keyboard composes its letters', async () => {
    const composed = await seal('x', 'Gr\u00fc\u00dfe aus Taipei', backup);
    assert.equal((await open(composed, 'Gru\u0308\u00dfe aus Taipei')).ok, true);
  });

  const flip = (base64: string) => {
    const bytes = Buffer.from(base64, 'base64');
    bytes[0]! ^= 1;
    return bytes.toString('base64');
  };
  const changes: [string, () => Backup, string][] = [
    ['its contents', () => ({ ...backup, data: flip(backup.data) }), 'wrong_passphrase'],
    ['its tag', () => ({ ...backup, tag: flip(backup.tag) }), 'wrong_passphrase'],
    ['its name', () => ({ ...backup, name: 'Gate 4' }), 'wrong_passphrase'],
    ['its time', () => ({ ...backup, created: 1 }), 'wrong_passphrase'],
    ['its end', () => ({ ...backup, data: backup.data.slice(0, -8) }), 'wrong_passphrase'],
    ['a short tag', () => ({ ...backup, tag: backup.tag.slice(0, 8) }), 'damaged'],
    ['a cost that takes all memory', () => ({ ...backup, kdf: { ...backup.kdf, n: 2 ** 26 } }), 'damaged'],
    ['a cost that is no power of two', () => ({ ...backup, kdf: { ...backup.kdf, n: 100_000 } }), 'damaged'],
    ['a cost of nothing', () => ({ ...backup, kdf: { ...backup.kdf, n: 0 } }), 'damaged'],
    ['more rounds', () => ({ ...backup, kdf: { ...backup.kdf, p: 64 } }), 'damaged'],
    ['no salt', () => ({ ...backup, kdf: { ...backup.kdf, salt: '' } }), 'damaged'],
  ];
  for (const [what, changed, why] of changes) {
    it(`is refused with ${what} changed`, async () => {
      assert.deepEqual(await open(changed(), PASSPHRASE), { ok: false, why });
    });
  }
});
