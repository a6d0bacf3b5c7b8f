import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { normaliseMac, printable, readScopes } from '../../daemon/discover/scopes.ts';

const facts = (...paths: string[]) => readScopes(paths.map((path) => `onvif://www.onvif.org/${path}`));

/** Any bytes as text, as they come from the network. */
const anyText = fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes).toString());

describe('ONVIF scopes (case 18)', () => {
  it('of a Hikvision give name, hardware, places and MAC', () => {
    assert.deepEqual(
      facts(
        'type/video_encoder',
        'Profile/Streaming',
        'MAC/4c:bd:8f:0a:1b:2c',
        'hardware/DS-2CD2042WD-I',
        'name/HIKVISION%20DS-2CD2042WD-I',
        'location/country/china',
        'location/city/hangzhou',
      ),
      {
        name: 'HIKVISION DS-2CD2042WD-I',
        hardware: 'DS-2CD2042WD-I',
        location: 'country/china, city/hangzhou',
        manufacturer: undefined,
        mac: '4c:bd:8f:0a:1b:2c',
      },
    );
  });

  it('keep a plus sign (go2rtc makes a blank of it)', () => {
    assert.equal(facts('name/IPC%2B+').name, 'IPC++');
  });

  it('that are not valid percent-encoding are kept as they are', () => {
    assert.equal(facts('name/Yard%2050%').name, 'Yard%2050%');
    assert.equal(facts('name/%C3%28').name, '%C3%28');
  });

  it('with an empty location at the end, or none at all, give no location', () => {
    assert.equal(facts('location/').location, undefined);
    assert.equal(readScopes([]).location, undefined);
  });

  it('of other kinds are passed over', () => {
    const other = readScopes(['ldap:///ou=engineering', 'http:123', 'onvif://www.onvif.org', 'name/x']);
    assert.deepEqual(Object.values(other), [undefined, undefined, undefined, undefined, undefined]);
  });

  it('cannot smuggle control characters or endless text to the screen', () => {
    assert.equal(facts('name/a%00%1b%5b31mb%0a%e2%80%aec').name, 'a [31mb c');
    assert.equal(facts(`name/${'x'.repeat(900)}`).name?.length, 256);
  });

  it('of arbitrary text never throw', () => {
    fc.assert(
      fc.property(fc.array(anyText), (texts) => {
        readScopes(texts);
        facts(...texts.map((text) => `name/${text}`));
      }),
    );
  });
});

describe('a MAC address', () => {
  it('is the same in all spellings', () => {
    for (const text of ['4CBD8F0A1B2C', '4c-bd-8f-0a-1b-2c', '4c:bd:8f:0a:1b:2c', '4cbd.8f0a.1b2c'])
      assert.equal(normaliseMac(text), '4c:bd:8f:0a:1b:2c');
  });
  it('of zeros, and a serial number that is none, is no MAC', () => {
    for (const text of [undefined, '', '000000000000', 'ffffffffffff', '12345', 'DS-2CD2042WD20160101'])
      assert.equal(normaliseMac(text), undefined);
  });
});

describe('printable', () => {
  it('folds blanks', () => assert.equal(printable('  a \n\t b '), 'a b'));
});
