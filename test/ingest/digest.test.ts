import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  authorization,
  type Challenge,
  chooseChallenge,
  Login,
  parseChallenges,
} from '../../daemon/ingest/digest.ts';

function only(header: string): Challenge {
  const [challenge, more] = parseChallenges([header]);
  assert.ok(challenge && !more);
  return challenge;
}

const hash = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex');
const answer = (header: string, changes = {}) =>
  authorization({
    challenge: only(header),
    username: 'admin',
    password: 'geheim',
    method: 'DESCRIBE',
    uri: 'rtsp://10.0.0.5/main',
    count: 1,
    cnonce: '0a4f113b',
    ...changes,
  });

describe('parseChallenges', () => {
  const HIKVISION = [
    'Digest realm="IP Camera(C1214)", nonce="5a17", stale="FALSE"',
    'Basic realm="IP Camera(C1214)"',
  ];
  test('Hikvision: two headers, either order; one header with both (case 14, ExoPlayer#9800)', () => {
    for (const headers of [
      HIKVISION,
      HIKVISION.toReversed(),
      [HIKVISION.join(', ')],
      [HIKVISION.toReversed().join(',')],
    ]) {
      const challenges = parseChallenges(headers);
      assert.equal(challenges.length, 2);
      const chosen = chooseChallenge(challenges);
      assert.equal(chosen?.scheme, 'digest');
      assert.deepEqual(Object.fromEntries(chosen.parameters), {
        realm: 'IP Camera(C1214)',
        nonce: '5a17',
        stale: 'FALSE',
      });
    }
  });

  test('Sony SRG-XP1: the comma inside quotes is no separator (case 16)', () => {
    const challenge = only('Digest realm="a", nonce="b", qop="auth,auth-int"');
    assert.equal(challenge.parameters.get('qop'), 'auth,auth-int');
  });

  for (const [camera, header, expected] of [
    [
      'realm is a sentence',
      'Digest realm="Please log in with a valid username",nonce="1"',
      { realm: 'Please log in with a valid username', nonce: '1' },
    ],
    [
      'empty opaque',
      'Digest realm="IP Camera(AB705)",nonce="1",opaque=""',
      { realm: 'IP Camera(AB705)', nonce: '1', opaque: '' },
    ],
    [
      'unquoted values, blanks around =',
      'Digest realm = x , nonce= abc,stale=FALSE,algorithm=MD5',
      { realm: 'x', nonce: 'abc', stale: 'FALSE', algorithm: 'MD5' },
    ],
    ['no commas', 'Digest realm="x" nonce="y"', { realm: 'x', nonce: 'y' }],
    ['escaped quotes', 'Digest realm="a \\"b\\"", nonce="y"', { realm: 'a "b"', nonce: 'y' }],
    ['base64 nonce with =', 'Digest realm="x", nonce="dGVzdA=="', { realm: 'x', nonce: 'dGVzdA==' }],
  ] as const)
    test(`${camera} (case 21)`, () => {
      assert.deepEqual(Object.fromEntries(only(header).parameters), expected);
    });

  test('any text: no throw, and a good challenge behind it in another header is still found', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const challenges = parseChallenges([text, 'Digest realm="r", nonce="n"']);
        assert.ok(challenges.some((c) => c.scheme === 'digest' && c.parameters.get('nonce') === 'n'));
      }),
    );
    assert.ok(parseChallenges([`Digest ${'a="'.repeat(20_000)}`, 'x '.repeat(50_000)]).length <= 256);
  });
});

describe('chooseChallenge (cases 14, 15, 17)', () => {
  const challenges = parseChallenges([
    'Basic realm="x"',
    'Digest qop="auth", realm="IP Camera", nonce="3965", stale="FALSE"',
    'Digest qop="auth", realm="IP Camera", nonce="aaaa", stale="FALSE", algorithm="SHA-256"',
    'Negotiate',
  ]);
  test('SHA-256 with its own nonce, else MD5, else Basic', () => {
    assert.equal(chooseChallenge(challenges)?.parameters.get('nonce'), 'aaaa');
    assert.equal(chooseChallenge(challenges, true)?.parameters.get('nonce'), '3965');
    assert.equal(chooseChallenge(challenges.slice(0, 1))?.scheme, 'basic');
    assert.equal(chooseChallenge(challenges.slice(3)), undefined);
  });
  test('an unknown algorithm is answered only where nothing better is offered', () => {
    const unknown = only('Digest realm="TP-LINK", nonce="1", algorithm=FOO');
    assert.equal(chooseChallenge([unknown]), unknown);
    assert.notEqual(chooseChallenge([unknown, ...challenges]), unknown);
  });
});

describe('authorization', () => {
  test('the example of RFC 2617 §3.5: MD5 with qop, nc and qop unquoted (case 16)', () => {
    const value = authorization({
      challenge: only(
        'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
      ),
      username: 'Mufasa',
      password: 'Circle Of Life',
      method: 'GET',
      uri: '/dir/index.html',
      count: 1,
      cnonce: '0a4f113b',
    });
    assert.equal(
      value,
      'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ' +
        'uri="/dir/index.html", response="6629fae49393a05397450978507c4ef1", ' +
        'opaque="5ccc069c403ebaf9f0171e9517f40e41", qop=auth, nc=00000001, cnonce="0a4f113b"',
    );
  });

  test('the example of RFC 7616 §3.9.1: SHA-256', () => {
    const value = authorization({
      challenge: only(
        'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
      ),
      username: 'Mufasa',
      password: 'Circle of Life',
      method: 'GET',
      uri: '/dir/index.html',
      count: 1,
      cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    });
    assert.match(value, /response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"/);
    assert.match(value, /algorithm=SHA-256/);
  });

  test('without qop it is the form of RFC 2069: no qop, nc, cnonce, algorithm or opaque (cases 16, 17)', () => {
    const a1 = hash('md5', 'admin:IP Camera(AB705):geheim');
    const a2 = hash('md5', 'DESCRIBE:rtsp://10.0.0.5/main');
    assert.equal(
      answer('Digest realm="IP Camera(AB705)", nonce="17"'),
      `Digest username="admin", realm="IP Camera(AB705)", nonce="17", uri="rtsp://10.0.0.5/main", response="${hash('md5', `${a1}:17:${a2}`)}"`,
    );
  });

  test('opaque is echoed even when empty, an unknown algorithm as it came and hashed as MD5 (cases 17, 21)', () => {
    const value = answer('Digest realm="x", nonce="1", opaque="", algorithm="TPLINK5"');
    assert.match(value, /opaque=""/);
    assert.match(value, /algorithm=TPLINK5/);
    assert.match(value, /response="[0-9a-f]{32}"/);
  });

  for (const [name, algorithm] of [
    ['MD5-sess', 'md5'],
    ['SHA-256-sess', 'sha256'],
  ] as const)
    test(`${name}: the first hash is bound to nonce and cnonce`, () => {
      const a1 = hash(algorithm, `${hash(algorithm, 'admin:x:geheim')}:1:0a4f113b`);
      const a2 = hash(algorithm, 'DESCRIBE:rtsp://10.0.0.5/main');
      const value = answer(`Digest realm="x", nonce="1", algorithm=${name}, qop="auth"`);
      assert.ok(value.includes(hash(algorithm, `${a1}:1:00000001:0a4f113b:auth:${a2}`)));
    });

  test('Basic, in UTF-8', () => {
    assert.equal(
      answer('Basic realm="x"', { password: 'gehäim:1' }),
      `Basic ${Buffer.from('admin:gehäim:1').toString('base64')}`,
    );
  });

  test('quotes in a name cannot break out of it', () => {
    assert.match(answer('Digest realm="x", nonce="1"', { username: 'a", x="' }), /username="a\\", x=\\""/);
  });
});

describe('Login', () => {
  const MD5 = 'Digest realm="x", nonce="m1"';
  const SHA = 'Digest realm="x", nonce="s1", algorithm=SHA-256';
  const login = (refusesSha256 = false) => new Login({ username: 'admin', password: 'p', refusesSha256 });
  const nonce = (l: Login) => /nonce="(\w+)"/.exec(l.authorize('PLAY', 'rtsp://h/', 'c') ?? '')?.[1];

  test('sends nothing until it is asked, then answers every request (case 22)', () => {
    const l = login();
    assert.equal(l.authorize('OPTIONS', 'rtsp://h/', 'c'), undefined);
    assert.equal(l.challenged([MD5], { freshAnswers: 0 }), 'retry');
    assert.equal(nonce(l), 'm1');
    assert.equal(nonce(l), 'm1');
  });

  test('without credentials it is refused at once', () => {
    const l = new Login({ username: undefined, password: undefined });
    assert.equal(l.challenged([MD5], { freshAnswers: 0 }), 'refused');
  });

  test('a wrong password is tried once, not twice (case 23)', () => {
    const l = login();
    const tries = { freshAnswers: 0 };
    assert.equal(l.challenged([MD5], tries), 'retry');
    assert.equal(l.challenged(['Digest realm="x", nonce="m2"'], tries), 'refused');
  });

  test('Axis M5525: a nonce that expired in mid-session is replaced once, whatever stale says (case 18)', () => {
    for (const stale of ['', ', stale=FALSE', ', stale="true"']) {
      const l = login();
      l.challenged([MD5], { freshAnswers: 0 });
      const tries = { freshAnswers: 0 }; // a later request
      assert.equal(l.challenged([`Digest realm="x", nonce="m2"${stale}`], tries), 'retry');
      assert.equal(nonce(l), 'm2');
      assert.equal(l.challenged(['Digest realm="x", nonce="m3"'], tries), 'refused');
    }
  });

  test('SHA-256 that was refused is followed by MD5 once, with the nonce of MD5; then it stays MD5 (case 15)', () => {
    const l = login();
    const tries = { freshAnswers: 0 };
    assert.equal(l.challenged([MD5, SHA], tries), 'retry');
    assert.equal(nonce(l), 's1');
    assert.equal(l.challenged([SHA, MD5], tries), 'retry');
    assert.equal(nonce(l), 'm1');
    assert.equal(l.refusesSha256, true);
    assert.equal(l.challenged([SHA, MD5], tries), 'refused');

    const next = login(true);
    next.challenged([SHA, MD5], { freshAnswers: 0 });
    assert.equal(nonce(next), 'm1');
  });

  test('SHA-256 alone and refused is a refusal', () => {
    const l = login();
    const tries = { freshAnswers: 0 };
    assert.equal(l.challenged([SHA], tries), 'retry');
    assert.equal(l.challenged([SHA, 'Basic realm="x"'], tries), 'refused');
  });

  test('nc counts the uses of one nonce and begins anew with the next', () => {
    const l = login();
    const nc = () => /nc=(\w+)/.exec(l.authorize('PLAY', 'u', 'c') ?? '')?.[1];
    l.challenged(['Digest realm="x", nonce="1", qop="auth"'], { freshAnswers: 0 });
    assert.deepEqual([nc(), nc()], ['00000001', '00000002']);
    l.challenged(['Digest realm="x", nonce="2", qop="auth"'], { freshAnswers: 0 });
    assert.equal(nc(), '00000001');
  });

  test('any series of challenges ends: no more than three answers to one request', () => {
    const header = fc.constantFrom(
      MD5,
      SHA,
      'Basic realm="x"',
      'Digest realm="x", nonce="z", stale=true',
      'rubbish',
    );
    fc.assert(
      fc.property(fc.infiniteStream(fc.array(header)), (stream) => {
        const l = login();
        const tries = { freshAnswers: 0 };
        let answers = 0;
        for (const headers of stream) {
          if (l.challenged(headers, tries) === 'refused') break;
          assert.ok(++answers <= 3);
        }
      }),
    );
  });
});
