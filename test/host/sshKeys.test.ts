import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readKey, readKeys } from '../../daemon/host/sshKeys.ts';
import { ECDSA_KEY, PUBLIC_KEY, RSA_KEY } from './keys.ts';

describe('a public key', () => {
  for (const key of [PUBLIC_KEY, RSA_KEY, ECDSA_KEY, `restrict,no-pty ${PUBLIC_KEY}`]) {
    it(`is taken: ${key.slice(0, 30)}…`, () => assert.deepEqual(readKey(` ${key}\r`), { line: key }));
  }

  const [type = '', blob = ''] = PUBLIC_KEY.split(' ');
  const wrong: [string, string, RegExp][] = [
    ['that runs a command', `command="reboot" ${PUBLIC_KEY}`, /options that are not taken/],
    ['with an environment', `environment="A=1",no-pty ${PUBLIC_KEY}`, /options that are not taken/],
    ['of another type than its name', `ssh-rsa ${blob}`, /whole ssh-rsa key/],
    ['that is cut off', `${type} ${blob.slice(0, -8)}`, /a part of it lost/],
    ['with something behind it', `${type} ${blob}AAAA`, /whole/],
    ['that is not base64', `${type} AAAA*AAA`, /whole/],
    ['of a type that OpenSSH dropped', `ssh-dss ${blob}`, /type of key/],
    ['that is the private one', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==', /never the private key/],
    ['on two lines', `${PUBLIC_KEY}\nssh-rsa AAAA`, /line break/],
    ['with a carriage return in between', `${PUBLIC_KEY} a\rssh-rsa AAAA`, /line break/],
    ['that is nothing', '', /type of key/],
  ];
  for (const [what, text, why] of wrong) {
    it(`is refused ${what}, without being repeated`, () => {
      const read = readKey(text);
      assert.ok('problem' in read);
      assert.match(read.problem, why);
      assert.ok(!read.problem.includes(blob));
    });
  }

  it('of any text is one line or a problem', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string().map((comment) => `${PUBLIC_KEY} ${comment}`),
    );
    fc.assert(
      fc.property(text, (given) => {
        const read = readKey(given);
        if ('line' in read) assert.ok(read.line.startsWith(`${type} ${blob}`) && !/[\r\n]/.test(read.line));
      }),
    );
  });
});

describe('an authorized_keys file', () => {
  it('may hold comments and empty lines, and names the line at fault', () => {
    assert.deepEqual(readKeys(`# mine\r\n\r\n${PUBLIC_KEY}\r\n  # his\nhello world\n${RSA_KEY}`), {
      keys: [PUBLIC_KEY, RSA_KEY],
      problems: ['line 5 does not begin with a type of key such as ssh-ed25519'],
    });
  });
});
