/** Updates with systemd-sysupdate itself. Called by a test that knows where the Debian is that the image is built in. */
import assert from 'node:assert/strict';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, it } from 'node:test';
import { stateFile } from '../../daemon/host/update/places.ts';
import { StateFile } from '../../daemon/host/update/stateFile.ts';
import { check, start } from '../../daemon/host/update/update.ts';
import { Box } from './realSysupdate.ts';

const OLD = ['esp', 'walleye_1_verity', 'walleye_1', '_empty', '_empty'];
const NEW = ['esp', 'walleye_1_verity', 'walleye_1', 'walleye_2_verity', 'walleye_2'];

/** Declares the tests. @param debian the folder with systemd 257 that image/build makes */
export function sysupdateCases(debian: string): void {
  let box: Box;
  let server: Server;
  let url: string;
  let state: StateFile;
  beforeEach(async () => {
    box = new Box(debian);
    state = await StateFile.open(stateFile(box.tools.places), '1');
    server = createServer((request, response) => {
      try {
        response.end(readFileSync(join(box.at('published'), request.url ?? '')));
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://user:secret@127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterEach(async () => {
    await new Promise((done) => server.close(done).closeAllConnections());
    box.close();
  });

  it('a newer version is found, and installed beside the one that runs', async () => {
    box.publish('2');
    await check(box.tools, state, url);
    assert.equal(state.state.available, '2');
    assert.deepEqual(box.seen(), { labels: OLD, entries: ['walleye_1.efi'] }, 'to look changes nothing');
    const told: (number | null)[] = [];
    const { tools } = box;
    const { follow } = tools;
    await start(
      {
        ...tools,
        follow: (argv, line) =>
          follow(argv, (text) => {
            if (text.includes('overall')) told.push(state.state.progress);
            line(text);
          }),
      },
      state,
      url,
    );
    assert.equal(state.state.state, 'restarting', state.state.message ?? '');
    assert.ok(told.length > 0, 'it says how far it is');
    assert.deepEqual(box.seen(), { labels: NEW, entries: ['walleye_1.efi', 'walleye_2+3-0.efi'] });
    assert.equal(box.contents('walleye_2'), '2222', 'as it is before it was packed');
    assert.deepEqual(box.commands, [['systemctl', '--no-block', 'reboot']]);
  });

  it('no password of the source is told', async () => {
    box.publish('2');
    await check(box.tools, state, url);
    await check(box.tools, state, url.replace('127.0.0.1:', '127.0.0.1:1'));
    await check(box.tools, state, `${url}none/`);
    assert.match(state.state.message ?? '', /does not answer as it should/);
    assert.doesNotMatch(readFileSync(stateFile(box.tools.places), 'utf8'), /secret/);
  });

  it('from a folder it is installed as from a server', async () => {
    box.publish('2');
    await start(box.tools, state, `file://${box.at('published')}`);
    assert.equal(state.state.state, 'restarting', state.state.message ?? '');
    assert.deepEqual(box.seen().labels, NEW);
    assert.equal(state.state.source, null);
  });

  it('what is not newer is not installed', async () => {
    box.publish('0.9');
    await start(box.tools, state, url);
    assert.match(state.state.message ?? '', /no newer version than 1/);
    assert.deepEqual(box.seen().labels, OLD);
    assert.deepEqual(box.commands, []);
  });

  it('another key’s signature is refused, and nothing is touched', async () => {
    box.publish('2', 'stranger');
    await start(box.tools, state, url);
    assert.equal(state.state.state, 'failed');
    assert.match(state.state.message ?? '', /not signed with this image’s key/);
    assert.deepEqual(box.seen(), { labels: OLD, entries: ['walleye_1.efi'] });
  });

  it('what is not signed at all is refused', async () => {
    box.publish('2');
    rmSync(box.at('published/SHA256SUMS.gpg'));
    await check(box.tools, state, url);
    assert.equal(state.state.available, null);
    assert.match(state.state.message ?? '', /not signed with this image’s key/);
  });

  it('a file that was changed is refused, and nothing of it can be started', async () => {
    box.publish('2');
    writeFileSync(box.at('published/walleye_2.efi'), 'another kernel');
    await start(box.tools, state, url);
    assert.equal(state.state.state, 'failed');
    assert.match(state.state.message ?? '', /damaged/);
    assert.deepEqual(box.seen(), { labels: OLD, entries: ['walleye_1.efi'] });
    assert.deepEqual(box.commands, []);
  });

  it('a version that was left is tried again by those who ask for it, with fresh tries', async () => {
    box.publish('2');
    await start(box.tools, state, url);
    const entry = (name: string) => box.at(`efi/EFI/Linux/${name}`);
    renameSync(entry('walleye_2+3-0.efi'), entry('walleye_2+0-1.efi'));
    await check(box.tools, state, url);
    assert.equal(state.state.available, '2');
    await start(box.tools, state, url);
    assert.equal(state.state.state, 'restarting', state.state.message ?? '');
    assert.deepEqual(box.seen(), { labels: NEW, entries: ['walleye_1.efi', 'walleye_2+3-0.efi'] });
  });

  it('the next one takes the place of the one that was left, never of the one that runs', async () => {
    box.publish('2');
    await start(box.tools, state, url);
    const entry = (name: string) => box.at(`efi/EFI/Linux/${name}`);
    renameSync(entry('walleye_2+3-0.efi'), entry('walleye_2+0-1.efi'));
    box.publish('3');
    await start(box.tools, state, url);
    assert.equal(state.state.target, '3', state.state.message ?? '');
    const { labels, entries } = box.seen();
    assert.deepEqual(labels, ['esp', 'walleye_1_verity', 'walleye_1', 'walleye_3_verity', 'walleye_3']);
    assert.deepEqual(entries, ['walleye_1.efi', 'walleye_3+3-0.efi']);
  });
}
