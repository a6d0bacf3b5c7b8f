/** The image's firewall in a network namespace of its own: what is shut, and the door that a site file opens. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { hostFiles } from '../../daemon/host/hostFiles.ts';

const rules = readFileSync(join(import.meta.dirname, '../../image/mkosi.extra/etc/nftables.conf'), 'utf8');
const skip =
  process.env.CI !== 'true' &&
  (process.getuid?.() !== 0 || spawnSync('nft', ['--version']).status !== 0) &&
  'needs root and nft (Debian: apt install nftables)';
const folder = mkdtempSync(join(tmpdir(), 'walleye-firewall-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The rules that are in force after the file was loaded. */
function loaded(): string {
  const file = join(folder, 'nftables.conf');
  writeFileSync(file, rules.replace('/etc/walleye/firewall/', `${folder}/`));
  return execFileSync('unshare', [
    '-n',
    'sh',
    '-ec',
    'nft -f "$1"; nft list ruleset',
    'nft',
    file,
  ]).toString();
}

it('lets in SSH, HTTP and HTTPS, and recorders only where the site file says so', { skip }, () => {
  assert.match(rules, /include "\/etc\/walleye\/firewall\/\*\.nft"/);
  assert.match(loaded(), /tcp dport \{ 22, 80, 443 \} accept/);
  assert.doesNotMatch(loaded(), /8554/);
  const [door] = hostFiles({ restream: true });
  writeFileSync(join(folder, 'restream.nft'), door!.content!);
  assert.match(loaded(), /chain input.*tcp dport 8554 accept.*chain forward/s);
});
