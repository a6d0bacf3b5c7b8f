import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { pino } from 'pino';
import { generate } from 'selfsigned';
import { Certificates } from '../../daemon/system/certificate.ts';
import { checkPair } from '../../daemon/system/certificateCheck.ts';

const root = mkdtempSync(join(tmpdir(), 'walleye-certificate-'));
after(() => rmSync(root, { recursive: true }));
const log = pino({ level: 'silent' });
const open = (name: string, names: string[] = ['localhost', '127.0.0.1']) =>
  Certificates.open({ folder: join(root, name), names: () => names, log });
const DAY = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY);

type Options = NonNullable<Parameters<typeof generate>[1]>;
const make = (name: string, options: Options = {}) =>
  generate([{ name: 'commonName', value: name }], { keyType: 'ec', algorithm: 'sha256', ...options });

describe('the box’s own certificate', () => {
  it('is made at the first run: ECDSA P-256, for all its names, its files for their owner only', async () => {
    const names = [
      'walleye-7',
      'walleye-7.local',
      'localhost',
      '127.0.0.1',
      '192.168.1.5',
      'fe80::1',
      'no name',
    ];
    const certificates = await open('first', names);
    const { leaf } = certificates.current;
    assert.deepEqual(leaf.publicKey.asymmetricKeyDetails, { namedCurve: 'prime256v1' });
    for (const name of names.slice(0, 3)) assert.equal(leaf.checkHost(name), name);
    for (const address of names.slice(3, 6)) assert.equal(leaf.checkIP(address), address);
    assert.equal(leaf.ca, false);
    const facts = certificates.facts();
    assert.equal(facts.self_signed, true);
    assert.match(facts.fingerprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    assert.equal(facts.names.length, 6);
    assert.ok(facts.not_after - facts.not_before < 825 * 86_400, 'Apple refuses longer ones');
    assert.ok(facts.not_after > Date.now() / 1000 + 365 * 86_400);
    assert.equal(statSync(join(root, 'first')).mode & 0o777, 0o700);
    for (const file of ['cert.pem', 'key.pem'])
      assert.equal(statSync(join(root, 'first', file)).mode & 0o777, 0o600, file);
  });

  it('stays the same when the box is started again with other addresses', async () => {
    const { fingerprint } = await open('same', ['192.168.1.5']);
    assert.equal((await open('same', ['10.0.0.7'])).fingerprint, fingerprint);
  });

  const damages: [string, (folder: string) => Promise<void> | void][] = [
    ['its key was cut', (folder) => truncateSync(join(folder, 'key.pem'), 20)],
    ['its certificate is garbage', (folder) => writeFileSync(join(folder, 'cert.pem'), 'garbage')],
    ['its key is missing', (folder) => rmSync(join(folder, 'key.pem'))],
    [
      'its key is another one’s',
      async (folder) => writeFileSync(join(folder, 'key.pem'), (await make('other')).private),
    ],
    [
      'it has expired',
      async (folder) => {
        const old = await make('old', { notBeforeDate: inDays(-60), notAfterDate: inDays(-1) });
        writeFileSync(join(folder, 'cert.pem'), old.cert);
        writeFileSync(join(folder, 'key.pem'), old.private);
      },
    ],
    [
      'it expires within 30 days',
      async (folder) => {
        const old = await make('old', { notAfterDate: inDays(29) });
        writeFileSync(join(folder, 'cert.pem'), old.cert);
        writeFileSync(join(folder, 'key.pem'), old.private);
      },
    ],
  ];
  for (const [what, damage] of damages) {
    it(`is made anew when ${what}`, async () => {
      const name = what.replaceAll(/\W/g, '-');
      const { fingerprint } = await open(name);
      await damage(join(root, name));
      const again = await open(name);
      assert.notEqual(again.fingerprint, fingerprint);
      assert.ok(again.current.leaf.checkPrivateKey(createPrivateKey(again.current.key)));
      assert.equal((await open(name)).fingerprint, again.fingerprint);
    });
  }
});

describe('a site’s own certificate', () => {
  it('outweighs the box’s, survives a restart, and makes way for it again', async () => {
    const certificates = await open('site');
    const told: string[] = [];
    certificates.subscribe(({ leaf }) => told.push(leaf.fingerprint256));
    const { fingerprint: own } = certificates;
    const site = await make('wall.example');
    assert.equal(certificates.replace(site.cert, site.private), undefined);
    const brought = certificates.fingerprint;
    assert.notEqual(brought, own);
    assert.equal(statSync(join(root, 'site', 'site.pem')).mode & 0o777, 0o600);
    assert.equal((await open('site')).fingerprint, brought);
    certificates.reset();
    certificates.reset();
    assert.equal(certificates.fingerprint, own);
    assert.equal((await open('site')).fingerprint, own);
    assert.deepEqual(told, [brought, own, own]);
  });

  it('that is damaged on disk makes way for the box’s', async () => {
    const certificates = await open('damaged');
    const { fingerprint: own } = certificates;
    const site = await make('wall.example');
    certificates.replace(site.cert, site.private);
    truncateSync(join(root, 'damaged', 'site.pem'), 300);
    assert.equal((await open('damaged')).fingerprint, own);
  });

  it('with a fault is refused, and the one before is kept', async () => {
    const certificates = await open('refused');
    const { fingerprint } = certificates;
    const fault = certificates.replace('garbage', 'garbage');
    assert.equal(fault?.code, 'invalid_certificate');
    assert.equal(certificates.fingerprint, fingerprint);
    assert.equal(existsSync(join(root, 'refused', 'site.pem')), false);
  });
});

describe('checkPair', async () => {
  const authority = await make('Authority', {
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  const ca = { key: authority.private, cert: authority.cert };
  const signed = await make('wall.example', { ca });
  const other = await make('other.example');
  const weak = await generate([{ name: 'commonName', value: 'weak' }], {
    keySize: 1024,
    algorithm: 'sha256',
  });
  const encrypted = await make('wall.example', { passphrase: 'correct horse' });
  const expired = await make('old', { notBeforeDate: inDays(-60), notAfterDate: inDays(-1) });
  const early = await make('early', { notBeforeDate: inDays(2), notAfterDate: inDays(60) });
  const rsa = await generate([{ name: 'commonName', value: 'rsa' }], { algorithm: 'sha256' });

  const right: [string, string, string][] = [
    ['a self-signed pair', other.cert, other.private],
    ['RSA with 2048 bits', rsa.cert, rsa.private],
    ['a chain in order', `${signed.cert}\n${authority.cert}`, signed.private],
    ['text around the blocks', `subject=…\n${signed.cert}\n\n`, `Key:\r\n${signed.private}`],
    ['line ends of Windows', signed.cert.replaceAll('\n', '\r\n'), signed.private.replaceAll('\n', '\r\n')],
    ['a key in the traditional form', other.cert, traditional(other.private)],
  ];
  for (const [what, cert, key] of right) {
    it(`takes ${what}`, () => {
      const pair = checkPair(cert, key, Date.now());
      assert.ok(!('code' in pair), JSON.stringify(pair));
    });
  }

  const wrong: [string, string, string, string, RegExp][] = [
    ['nothing', '', '', 'invalid_certificate', /-----BEGIN CERTIFICATE-----/],
    [
      'a damaged certificate',
      signed.cert.replace(/[A-Z]{3}/, '!'),
      signed.private,
      'invalid_certificate',
      /PEM/,
    ],
    [
      'a certificate of noise',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      signed.private,
      'invalid_certificate',
      /Certificate 1 of 1 is damaged/,
    ],
    ['no key', signed.cert, 'secret', 'invalid_key', /-----BEGIN PRIVATE KEY-----/],
    [
      'a damaged key',
      signed.cert,
      '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
      'invalid_key',
      /damaged/,
    ],
    ['an encrypted key', encrypted.cert, encrypted.private, 'encrypted_key', /openssl pkey/],
    ['a weak key', weak.cert, weak.private, 'weak_key', /2048/],
    ['another’s key', signed.cert, other.private, 'key_mismatch', /does not belong/],
    [
      'the authority first',
      authority.cert + signed.cert,
      signed.private,
      'chain_order',
      /is certificate 2 here/,
    ],
    [
      'a chain with a stranger',
      signed.cert + other.cert,
      signed.private,
      'chain_order',
      /2 did not sign certificate 1/,
    ],
    ['one that has expired', expired.cert, expired.private, 'certificate_expired', /clock/],
    ['one of the future', early.cert, early.private, 'certificate_not_yet_valid', /clock/],
    ['eleven certificates', other.cert.repeat(11), other.private, 'invalid_certificate', /at most 10/],
  ];
  for (const [what, cert, key, code, sentence] of wrong) {
    it(`refuses ${what} with ${code}, and does not quote it`, () => {
      const fault = checkPair(cert, key, Date.now());
      assert.ok('code' in fault, 'it was taken');
      assert.equal(fault.code, code);
      assert.match(fault.message, sentence);
      assert.doesNotMatch(fault.message, /secret|MII|AAAA/);
    });
  }

  it('does not mind dates when told so', () => {
    assert.ok(!('code' in checkPair(expired.cert, expired.private, undefined)));
  });

  it('comes to an end on hostile text', () => {
    for (const piece of [
      '-----BEGIN CERTIFICATE-----\n',
      '-----BEGIN PRIVATE KEY-----A',
      '-----END CERTIFICATE-----',
    ])
      checkPair(piece.repeat(4_000), piece.repeat(2_000), Date.now());
  });
});

function traditional(key: string): string {
  return createPrivateKey(key).export({ type: 'sec1', format: 'pem' }) as string;
}

it('nothing of a made key is left in a draft', () => {
  assert.equal(existsSync(join(root, 'first', 'key.pem.new')), false);
  assert.match(readFileSync(join(root, 'first', 'key.pem'), 'utf8'), /^-----BEGIN PRIVATE KEY-----/);
});
