import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { redactLine, redactText, redactUrl } from '../../daemon/system/redact.ts';

describe('redactUrl', () => {
  const table: [string, string][] = [
    ['rtsp://192.168.1.64:554/main', 'rtsp://192.168.1.64:554/main'],
    ['rtsp://admin:secret@192.168.1.64/main', 'rtsp://***@192.168.1.64/main'],
    ['rtsp://admin@192.168.1.64/main', 'rtsp://***@192.168.1.64/main'],
    ['rtsp://admin:p@ss/w#o?rd@192.168.1.64/main', 'rtsp://***@192.168.1.64/main'],
    ['cannot open "rtsp://a:b@c/d" (401)', 'cannot open "rtsp://***@c/d" (401)'],
    ['rtsp://a:b@c/d and http://e:f@g/h', 'rtsp://***@c/d and http://***@g/h'],
    ['url=rtsps://a:b@[fe80::1]:322/x', 'url=rtsps://***@[fe80::1]:322/x'],
    // XiongMai and clones carry the login in the path, Dahua and Foscam take it in the query.
    ['rtsp://1.2.3.4/user=admin_password=tlJwpbo6_channel=1.sdp', 'rtsp://1.2.3.4/user=admin_password=***'],
    ['rtsp://1.2.3.4/user=admin&password=x&channel=1', 'rtsp://1.2.3.4/user=admin&password=***&channel=1'],
    ['http://1.2.3.4/cgi?usr=a&pwd=b&cmd=snapPicture', 'http://1.2.3.4/cgi?usr=a&pwd=***&cmd=snapPicture'],
    ['mail a@b.example, no URL', 'mail a@b.example, no URL'],
    ['a@b://c', 'a@b://c'],
    ['', ''],
  ];
  for (const [text, expected] of table) {
    it(`${text} → ${expected}`, () => assert.equal(redactUrl(text), expected));
  }

  it('is idempotent', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const once = redactUrl(text);
        assert.equal(redactUrl(once), once);
      }),
    );
  });
});

describe('redactText', () => {
  const key = `-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\nIAbC/+=\n-----END EC PRIVATE KEY-----`;
  const table: [string, string][] = [
    ['token wly_Abc-12_3 was used', 'token wly_*** was used'],
    ['http://1.2.3.4/x.jpg?width=5&ticket=abc.def&a=1', 'http://1.2.3.4/x.jpg?width=5&ticket=***&a=1'],
    ['/api/pairing?grant=abc', '/api/pairing?grant=***'],
    ['GET /screen/0a1b2c3d HTTP/1.1', 'GET /screen/*** HTTP/1.1'],
    ['https://192.168.1.5:8443/admin#123456', 'https://192.168.1.5:8443/admin#***'],
    [`Key: ${key}. And on`, 'Key: ***. And on'],
    ['-----BEGIN PRIVATE KEY-----\nMHcCAQEE', '***'],
    ['rtsp://admin:secret@192.168.1.64/main', 'rtsp://***@192.168.1.64/main'],
    ['the wall has a screen and a ticket', 'the wall has a screen and a ticket'],
  ];
  for (const [text, expected] of table) {
    it(`${JSON.stringify(text)} → ${expected}`, () => assert.equal(redactText(text), expected));
  }
});

describe('redactLine', () => {
  /** Characters that people put in passwords, the ugly ones first. */
  const secret = fc
    .string({ unit: fc.constantFrom(...'"\\@/:#?&%<>=;,\'{}[]üX1'), minLength: 1, maxLength: 20 })
    .map((text) => `Zq7${text}7qZ`);
  const shows = (line: string) => /Zq7|7qZ/.test(line);

  it('lets no password field through, at any depth, whatever the password', () => {
    fc.assert(
      fc.property(secret, (password) => {
        const line = JSON.stringify({
          msg: 'x',
          password,
          camera: { password, list: [{ adminPassword: password }] },
        });
        const redacted = redactLine(line);
        assert.ok(!shows(redacted), redacted);
        assert.equal(JSON.parse(redacted).camera.list[0].adminPassword, '***', 'still the same JSON');
      }),
    );
  });

  it('lets no password in a URL through, in the message, a field or a stack', () => {
    const inUrl = secret.filter((text) => !/[<>"]/.test(text));
    fc.assert(
      fc.property(inUrl, (password) => {
        const url = `rtsp://admin:${password}@192.168.1.64/main`;
        const line = JSON.stringify({
          msg: `no answer from ${url}`,
          url,
          err: { stack: `Error: ${url}\n    at x` },
        });
        const redacted = redactLine(line);
        assert.ok(!shows(redacted), redacted);
        assert.equal(JSON.parse(redacted).url, 'rtsp://***@192.168.1.64/main');
        assert.match(JSON.parse(redacted).err.stack, /\n {4}at x$/);
      }),
    );
  });

  it('takes out what follows Authorization: in a request that was logged, and nothing after it', () => {
    const request =
      'DESCRIBE rtsp://c/ RTSP/1.0\r\nAuthorization: Digest username="a", response="0123"\r\nCSeq: 2\r\n';
    const redacted = JSON.parse(redactLine(JSON.stringify({ request }))).request;
    assert.equal(redacted, 'DESCRIBE rtsp://c/ RTSP/1.0\r\nAuthorization: ***\r\nCSeq: 2\r\n');
  });

  it('takes out headers, cookies and a WS-Security password', () => {
    const line = JSON.stringify({
      headers: { authorization: 'Basic YTpi', cookie: 'session=1' },
      body: '<wsse:Password Type="x#PasswordText">hunter2</wsse:Password><trt:ProfileToken>P1</trt:ProfileToken>',
      json: JSON.stringify({ password: 'hunter2', name: 'front' }),
    });
    const redacted = redactLine(line);
    assert.doesNotMatch(redacted, /YTpi|session=1|hunter2/);
    assert.match(JSON.parse(redacted).body, /<trt:ProfileToken>P1</);
    assert.equal(JSON.parse(JSON.parse(redacted).json).name, 'front');
  });

  it('takes out tokens, tickets, grants, cookies, passphrases and private keys, wherever they stand', () => {
    const pem = '-----BEGIN PRIVATE KEY-----\nZq7Zq7\n-----END PRIVATE KEY-----\n';
    const fields = {
      token: 'Zq7',
      ticket: 'Zq7',
      grant: 'Zq7',
      passphrase: 'Zq7',
      private_key: pem,
      password_hash: 'Zq7',
      'set-cookie': 'walleye=Zq7; HttpOnly',
    };
    const line = JSON.stringify({
      ...fields,
      body: JSON.stringify(fields),
      msg: `wly_Zq7 ${pem} /screen/Zq7 ?ticket=Zq7`,
      request: 'GET / HTTP/1.1\r\nCookie: walleye=Zq7\r\nHost: wall\r\n',
      profile_token: 'kept',
    });
    const redacted = redactLine(line);
    assert.doesNotMatch(redacted, /Zq7/);
    assert.equal(JSON.parse(redacted).profile_token, 'kept');
    assert.equal(JSON.parse(redacted).request, 'GET / HTTP/1.1\r\nCookie: ***\r\nHost: wall\r\n');
    assert.equal(Object.keys(JSON.parse(JSON.parse(redacted).body)).length, 7);
  });

  it('leaves a line without secrets as it is', () => {
    const line =
      '{"level":"info","component":"ingest","profile_token":"Profile_1","has_password":true,"msg":"live"}';
    assert.equal(redactLine(line), line);
  });

  it('comes to an end on hostile text of a megabyte', () => {
    const hostile = [
      'a://',
      'a://@',
      '<password',
      '"password":',
      '\\"password\\":\\"',
      'authorization:',
      '-----BEGIN PRIVATE KEY-----',
      '-----BEGIN AAAA',
      '/screen/',
      '?ticket=',
      'wly_',
      '\\"token\\": ',
      '&pwd=',
      '"',
    ];
    for (const piece of hostile) redactLine(piece.repeat(1_000_000 / piece.length));
  });
});
