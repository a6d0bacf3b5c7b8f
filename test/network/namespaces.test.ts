import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { namespacesUnavailable, TestNetwork } from './namespaces.ts';

const run = promisify(execFile);

describe('a test network', { skip: namespacesUnavailable() }, () => {
  it('joins hosts, cuts a cable and plugs it in again, slows a link, and leaves nothing behind', async (t) => {
    const network = await TestNetwork.create();
    t.after(() => network.close());
    await network.bridge('a');
    const host = await network.host('one', [{ bridge: 'a', address: '10.77.9.1/24' }]);
    const carrier = async (): Promise<string> => {
      const { stdout } = await run('ip', [
        'netns',
        'exec',
        host.namespace,
        'cat',
        '/sys/class/net/eth0/carrier',
      ]);
      return stdout.trim();
    };
    assert.equal(await carrier(), '1');
    await host.cut('eth0');
    assert.equal(await carrier(), '0');
    await host.plugIn('eth0');
    assert.equal(await carrier(), '1');

    const queue = async (): Promise<string> =>
      (await run('tc', ['-n', host.namespace, 'qdisc', 'show'])).stdout;
    await host.qdisc('eth0', ['tbf', 'rate', '1mbit', 'burst', '10kb', 'latency', '50ms']);
    assert.match(await queue(), /tbf.*rate 1Mbit/);
    await host.qdisc('eth0', []);
    assert.doesNotMatch(await queue(), /tbf/);

    const child = host.spawn('sleep', ['1000']);
    await network.close();
    assert.equal(child.signalCode, 'SIGKILL');
    const { stdout } = await run('ip', ['netns', 'list']);
    assert.ok(!stdout.includes(host.namespace));
  });
});
