/** The parts of scripts/fleet that need no box. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { exitOf, type Row } from '../../scripts/fleet/fleet.ts';
import { hostLines, parseHost, parseHosts, pinName } from '../../scripts/fleet/hosts.ts';
import { cleaner, secretsOf } from '../../scripts/fleet/secrets.ts';
import { quoted, sshArguments } from '../../scripts/fleet/ssh.ts';
import { readVars, substitute } from '../../scripts/fleet/vars.ts';
import { execute } from '../system/cliProcess.ts';

describe('a host of the fleet', () => {
  it('is [user@]host[:port], IPv6 with or without brackets, root unless said', () => {
    const parts = (text: string) => {
      const host = parseHost(text);
      return host && [host.user, host.address, host.port, host.label, pinName(host)];
    };
    assert.deepEqual(parts('wall-1'), ['root', 'wall-1', undefined, 'wall-1', 'wall-1']);
    assert.deepEqual(parts('op@wall-1.example:2222'), [
      ...['op', 'wall-1.example', 2222, 'wall-1.example:2222', '[wall-1.example]:2222'],
    ]);
    assert.deepEqual(parts('fe80::1'), ['root', 'fe80::1', undefined, 'fe80::1', 'fe80::1']);
    assert.deepEqual(parts('op@[fe80::1]:22'), ['op', 'fe80::1', 22, '[fe80::1]:22', 'fe80::1']);
  });

  it('is nothing that ssh could take for an option or a shell for a command', () => {
    for (const wrong of [
      '',
      '-oProxyCommand=x',
      'a b',
      'a;b',
      'x@-v',
      'h:0',
      'h:65536',
      '[::g]',
      'a@b@c',
      '$(x)',
    ])
      assert.equal(parseHost(wrong), undefined, wrong);
    fc.assert(
      fc.property(fc.string(), (text) => {
        const address = parseHost(text)?.address ?? 'none';
        assert.match(address, /^[A-Za-z0-9_:][\w.:%-]*$/);
      }),
    );
    assert.deepEqual(parseHosts(['a', 'b c', '-x']), { wrong: ['b c', '-x'] });
  });

  it('stands on a line of a file, once', () => {
    assert.deepEqual(hostLines('# hall\nwall-1\r\n\n wall-2 # lobby\n'), ['wall-1', 'wall-2']);
    const parsed = parseHosts(['a', 'root@a', 'b']);
    assert.deepEqual('hosts' in parsed && parsed.hosts.map(({ label }) => label), ['a', 'b']);
  });
});

describe('a command for a box', () => {
  it('reaches its shell as it was meant, whatever is in it', async () => {
    const odd = ["it's", '$HOME `x` "y"', '', '*', 'a\nb', '\\'];
    const { out } = await execute('/bin/sh', ['-c', `printf '%s|' ${odd.map(quoted).join(' ')}`]);
    assert.equal(out, `${odd.join('|')}|`);
  });

  it('lets ssh ask nothing, believe nobody but the pins, and hand nothing over', () => {
    const host = parseHost('wall-1:2222');
    assert.ok(host);
    const args = sshArguments(host, { pins: '/pins', identity: '/key', connectTimeout: 9 });
    for (const option of [
      ...[
        'BatchMode=yes',
        'StrictHostKeyChecking=yes',
        'UserKnownHostsFile="/pins"',
        'PasswordAuthentication=no',
      ],
      ...['GlobalKnownHostsFile=/dev/null', 'ForwardAgent=no', 'IdentitiesOnly=yes', 'ConnectTimeout=9'],
    ])
      assert.equal(args[args.indexOf(option) - 1], '-o', option);
    assert.deepEqual(args.slice(-7), ['/key', '-p', '2222', '-l', 'root', '--', 'wall-1']);
  });
});

describe('values of single boxes', () => {
  it('fill strings of the site file, whatever they hold, and leave $${ alone', () => {
    const read = readVars('host;hostname;note\nroot@wall-1;lobby;"a ""b"" \\ c"\n');
    assert.ok('table' in read);
    const vars = read.table.get('wall-1');
    assert.ok(vars);
    const json = `{"name": "\${hostname} of \${host}", "n": 5, "note": "\${note}", "plain": "$\${hostname}"}`;
    const { text, missing } = substitute(json, vars);
    assert.deepEqual(missing, []);
    assert.deepEqual(JSON.parse(text), {
      ...{ name: 'lobby of root@wall-1', n: 5, note: 'a "b" \\ c', plain: `\${hostname}` },
    });
    assert.deepEqual(substitute(`["\${nope} \${host}"]`, vars).missing, ['nope']);
  });

  it('that are wrong are all told', () => {
    assert.deepEqual(readVars('host,my name\n-x,1\nb,1\nb,2\n'), {
      faults: [
        'the column "my name" is no name of a variable: A–Z a–z 0–9 _',
        'line 2: the host is not of the form [user@]host[:port]',
        'line 4: b stands there twice',
      ],
    });
    assert.deepEqual(readVars('name\nx'), { faults: ['lacks the column host'] });
  });
});

describe('what is printed', () => {
  it('holds no secret of the site file and nothing that a terminal obeys', () => {
    const secrets = secretsOf({
      users: [{ password: 'boss-pass' }],
      cameras: [{ streams: [{ rtsp_url: 'rtsp://op:url-p@ss@192.0.2.1/1' }] }],
      host: { network: [{ wifi: { passphrase: 'wifi-pass' } }] },
      settings: { name: 'shown' },
    });
    assert.deepEqual(secrets, ['boss-pass', 'url-p@ss', 'wifi-pass']);
    assert.equal(cleaner(secrets)('a boss-pass \x1b[31m url-p@ss shown\n'), 'a *** �[31m *** shown\n');
  });
});

describe('the exit status', () => {
  it('is 0, 1 some failed, 3 none reached, 4 a key refused', () => {
    const exit = (...results: Row['result'][]) =>
      exitOf(results.map((result) => ({ host: 'h', seconds: 0, what: '', result })));
    assert.equal(exit('changed', 'unchanged'), 0);
    assert.equal(exit('changed', 'unreachable'), 1);
    assert.equal(exit('failed'), 1);
    assert.equal(exit('unreachable', 'unreachable'), 3);
    assert.equal(exit('unreachable', 'key_refused', 'changed'), 4);
  });
});
