import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { type AuthKind, ConnectionAuth } from './auth.ts';

const URL = 'rtsp://127.0.0.1:554/front-door/main';
const hash = (kind: string, text: string) => createHash(kind).update(text).digest('hex');

function connection(kind: AuthKind, strict = false): ConnectionAuth {
  return new ConnectionAuth({ kind, username: 'admin', password: 'p:w@d', strict });
}

/** A client's answer to one of the challenges. */
function respond(challenge: string, changes: { uri?: string; nc?: string; password?: string } = {}): string {
  const get = (name: string) => new RegExp(`${name}="?([^",]*)`).exec(challenge)?.[1];
  const { uri = URL, nc = '00000001', password = 'p:w@d' } = changes;
  const algorithm = get('algorithm');
  const kind = algorithm === 'SHA-256' ? 'sha256' : 'md5';
  const ha1 = hash(kind, `admin:${get('realm')}:${password}`);
  const ha2 = hash(kind, `DESCRIBE:${uri}`);
  const qop = get('qop');
  const middle = qop ? `${nc}:c0ffee:auth:` : '';
  const response = hash(kind, `${ha1}:${get('nonce')}:${middle}${ha2}`);
  const extra =
    (qop ? `, qop=auth, nc=${nc}, cnonce="c0ffee"` : '') + (algorithm ? `, algorithm=${algorithm}` : '');
  return `Digest username="admin", realm="${get('realm')}", nonce="${get('nonce')}", uri="${uri}", response="${response}"${extra}`;
}

describe('camera authentication', () => {
  it('offers SHA-256 and MD5 with different nonces and takes either', () => {
    const auth = connection('digest-sha256');
    const [sha, md5] = auth.wwwAuthenticate();
    assert.match(sha!, /algorithm=SHA-256/);
    assert.match(md5!, /algorithm=MD5/);
    assert.notEqual(/nonce="(\w+)"/.exec(sha!)?.[1], /nonce="(\w+)"/.exec(md5!)?.[1]);
    assert.equal(auth.check('DESCRIBE', URL, respond(sha!)), 'sha-256');
    assert.equal(auth.check('DESCRIBE', URL, respond(md5!)), 'md5');
  });

  it('takes the RFC 2069 form when it offers no qop', () => {
    const auth = connection('digest-rfc2069');
    const [challenge] = auth.wwwAuthenticate();
    assert.doesNotMatch(challenge!, /qop/);
    assert.equal(auth.check('DESCRIBE', URL, respond(challenge!)), 'md5');
  });

  it('refuses a wrong password, another uri, a nonce count used twice, and a nonce it has forgotten', () => {
    const auth = connection('digest');
    const [challenge] = auth.wwwAuthenticate() as [string];
    assert.equal(auth.check('DESCRIBE', URL, respond(challenge, { password: 'x' })), 'refused');
    assert.equal(auth.check('DESCRIBE', URL, respond(challenge, { uri: '/front-door/main' })), 'refused');
    assert.equal(auth.check('DESCRIBE', URL, respond(challenge)), 'md5');
    assert.equal(auth.check('DESCRIBE', URL, respond(challenge)), 'refused');
    assert.equal(auth.check('DESCRIBE', URL, respond(challenge, { nc: '00000002' })), 'md5');
    auth.renew();
    assert.equal(auth.check('DESCRIBE', URL, respond(challenge, { nc: '00000003' })), 'refused');
    assert.equal(connection('digest').check('DESCRIBE', URL, respond(challenge)), 'refused');
  });

  it('refuses quoted nc always, and quoted qop where it is strict', () => {
    for (const [strict, quoted, expected] of [
      [false, 'qop="auth"', 'md5'],
      [true, 'qop="auth"', 'refused'],
      [false, 'nc="00000001"', 'refused'],
    ] as const) {
      const auth = connection('digest', strict);
      const answer = respond(auth.wwwAuthenticate()[0]!).replace(quoted.replaceAll('"', ''), quoted);
      assert.equal(auth.check('DESCRIBE', URL, answer), expected, quoted);
    }
  });

  it('takes Basic with a colon in the password, and nothing else at a Basic camera', () => {
    const auth = connection('basic');
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    assert.equal(auth.check('DESCRIBE', URL, basic('admin:p:w@d')), 'basic');
    assert.equal(auth.check('DESCRIBE', URL, basic('admin:p')), 'refused');
    assert.equal(auth.check('DESCRIBE', URL, undefined), 'refused');
    assert.equal(connection('none').check('DESCRIBE', URL, undefined), 'open');
  });
});
