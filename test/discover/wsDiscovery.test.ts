import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { buildProbe, normaliseEndpoint, PROBE_TYPES, parseReply } from '../../daemon/discover/wsDiscovery.ts';
import { descendant, parseXml } from '../../daemon/discover/xml.ts';
import { discoveryFaultXml, probeMatchesXml } from '../virtual-camera/discoveryResponder.ts';

const read = (text: string) => parseReply(Buffer.from(text));
const UUID = '4d454930-0000-1000-8001-4cbd8f0a1b2c';
const hikvision = {
  uuid: UUID,
  name: 'HIKVISION DS-2CD2042WD',
  xaddrs: [
    'http://192.168.1.64/onvif/device_service',
    'http://[fe80::4ebd:8fff:fe0a:1b2c]/onvif/device_service',
  ],
};

describe('a WS-Discovery probe', () => {
  it('stands on one line, with a blank before every attribute (case 7: Hikvision refuses line breaks)', () => {
    for (const types of PROBE_TYPES) {
      const probe = buildProbe(types, UUID);
      assert.doesNotMatch(probe, /[\r\n\t]/);
      assert.doesNotMatch(probe, /"xmlns/);
      assert.ok(parseXml(probe), 'is well-formed');
    }
  });

  it('uses the namespaces of 2005/04 and never those of 2009/01 (case 8)', () => {
    const probe = buildProbe('tds:Device', UUID);
    assert.match(probe, /<a:To [^>]*>urn:schemas-xmlsoap-org:ws:2005:04:discovery</);
    assert.match(probe, />http:\/\/schemas\.xmlsoap\.org\/ws\/2005\/04\/discovery\/Probe</);
    assert.doesNotMatch(probe, /2009\/01|ns\/ws-dd/);
  });

  it('asks for NetworkVideoTransmitter, for Device and for anything in three messages (case 6)', () => {
    const types = PROBE_TYPES.map((type) => descendant(parseXml(buildProbe(type, UUID)), 'Types')?.text);
    assert.deepEqual(types, ['dn:NetworkVideoTransmitter', 'tds:Device', '']);
  });

  it('carries the message id that it was given', () => {
    assert.match(buildProbe('', UUID), new RegExp(`<a:MessageID>urn:uuid:${UUID}</a:MessageID>`));
  });
});

describe('a WS-Discovery reply', () => {
  it('gives endpoint, types, scopes and XAddrs of a Hikvision', () => {
    const { matches, hint } = read(probeMatchesXml(hikvision, 'urn:uuid:1'));
    assert.equal(hint, false);
    assert.equal(matches.length, 1);
    assert.equal(matches[0]?.endpoint, `urn:uuid:${UUID}`);
    assert.deepEqual(matches[0]?.types, ['dn:NetworkVideoTransmitter']);
    assert.deepEqual(matches[0]?.xaddrs, hikvision.xaddrs);
    assert.equal(matches[0]?.onvif, true);
  });

  it('is taken with a missing or wrong RelatesTo (case 10)', () => {
    const xml = probeMatchesXml(hikvision, 'urn:uuid:of-somebody-else');
    assert.equal(read(xml).matches.length, 1);
    assert.equal(read(xml.replace(/<wsa:RelatesTo>.*?<\/wsa:RelatesTo>/, '')).matches.length, 1);
  });

  it('may use prefixes that it never declared (case 17: evercam/ex_nvr, home-assistant.io#40942)', () => {
    const xml = probeMatchesXml(hikvision, 'x').replace(/ xmlns:wsa="[^"]*"/, '');
    assert.doesNotMatch(xml, /xmlns:wsa/);
    assert.equal(read(xml).matches[0]?.endpoint, `urn:uuid:${UUID}`);
  });

  it('may use any prefix, or none (case 17)', () => {
    const names = [
      (xml: string) => xml.replaceAll('wsdd:', 'd:').replaceAll('wsa:', 'a:').replaceAll('SOAP-ENV:', 's:'),
      (xml: string) => xml.replaceAll('wsdd:', '').replaceAll('wsa:', '').replaceAll('SOAP-ENV:', ''),
      (xml: string) =>
        xml.replaceAll('wsdd:', 'ns1:').replaceAll('wsa:', 'ns2:').replaceAll('SOAP-ENV:', 'ns3:'),
    ];
    for (const rename of names) {
      const { matches, hint } = read(rename(probeMatchesXml(hikvision, 'x')));
      assert.equal(matches[0]?.endpoint, `urn:uuid:${UUID}`);
      assert.deepEqual(matches[0]?.xaddrs, hikvision.xaddrs);
      assert.equal(hint, false);
    }
  });

  it('may lack blanks between namespace attributes (case 7: iSpy)', () => {
    const xml = probeMatchesXml(hikvision, 'x').replaceAll('" xmlns', '"xmlns');
    assert.deepEqual(read(xml).matches[0]?.xaddrs, hikvision.xaddrs);
  });

  it('may hold several devices, of which the printer is not ONVIF (case 15)', () => {
    const printer =
      '<wsdd:ProbeMatch><wsa:EndpointReference><wsa:Address>urn:uuid:aaaaaaaa-0000-0000-0000-000000000001</wsa:Address>' +
      '</wsa:EndpointReference><wsdd:Types>wsdp:Device wprt:PrintDeviceType</wsdd:Types>' +
      '<wsdd:XAddrs>http://192.168.1.20:5357/aaaaaaaa</wsdd:XAddrs></wsdd:ProbeMatch>';
    const second =
      '<wsdd:ProbeMatch><wsa:EndpointReference><wsa:Address>urn:uuid:aaaaaaaa-0000-0000-0000-000000000002</wsa:Address>' +
      '</wsa:EndpointReference><wsdd:Types>tds:Device</wsdd:Types>' +
      '<wsdd:XAddrs>http://192.168.1.21/d</wsdd:XAddrs></wsdd:ProbeMatch>';
    const xml = probeMatchesXml(hikvision, 'x').replace(
      '</wsdd:ProbeMatches>',
      `${printer}${second}</wsdd:ProbeMatches>`,
    );
    assert.deepEqual(
      read(xml).matches.map((match) => match.onvif),
      [true, false, true],
    );
  });

  it('with the type Device is ONVIF only when the prefix is bound to its device namespace (case 6)', () => {
    const xml = (namespace: string) =>
      `<s:Envelope xmlns:x="${namespace}"><s:Body><ProbeMatches><ProbeMatch><Types>x:Device</Types>` +
      '<XAddrs>http://192.168.1.30:5357/1</XAddrs></ProbeMatch></ProbeMatches></s:Body></s:Envelope>';
    assert.equal(read(xml('http://www.onvif.org/ver10/device/wsdl')).matches[0]?.onvif, true);
    assert.equal(read(xml('http://schemas.xmlsoap.org/ws/2006/02/devprof')).matches[0]?.onvif, false);
  });

  it('that is a SOAP fault is no device but marks the host as ONVIF-ish (case 9: TP-LINK, Hikvision)', () => {
    const reply = read(discoveryFaultXml('urn:uuid:1'));
    assert.deepEqual(reply.matches, []);
    assert.equal(reply.hint, true);
    assert.match(reply.problem ?? '', /the xml format error/);
  });

  it('of which one half arrived marks the host as ONVIF-ish (case 16: Axis M1034-W)', () => {
    const xml = probeMatchesXml(hikvision, 'x');
    for (const part of [xml.slice(0, 700), xml.slice(0, xml.indexOf('<wsdd:XAddrs>')), xml.slice(700)])
      assert.equal(read(part).hint, true, part);
  });

  it('cut anywhere never throws, and gives whole addresses or none (case 16)', () => {
    const xml = probeMatchesXml(hikvision, 'x');
    for (let end = 0; end <= xml.length; end += 1) {
      for (const match of read(xml.slice(0, end)).matches)
        if (match.xaddrs.length > 0) assert.deepEqual(match.xaddrs, hikvision.xaddrs);
    }
  });

  it('with bytes that are not UTF-8 is read with replacement characters (case 33)', () => {
    const xml = Buffer.from(probeMatchesXml({ ...hikvision, name: 'XX' }, 'x'), 'latin1');
    xml.set([0xcd, 0xf8], xml.indexOf('name/XX') + 5);
    const { matches } = parseReply(xml);
    assert.deepEqual(matches[0]?.xaddrs, hikvision.xaddrs);
    assert.ok(matches[0]?.scopes.some((scope) => scope.endsWith('name/\ufffd\ufffd')));
  });

  it('from a Windows PC or of another protocol is neither a camera nor a hint', () => {
    for (const text of [
      '',
      'M-SEARCH * HTTP/1.1\r\n',
      '{"cam":1}',
      '<html><body>404</body></html>',
      '\0\0\0',
    ]) {
      const reply = read(text);
      assert.deepEqual(reply.matches, []);
      assert.equal(reply.hint, false, text);
    }
  });

  it('with own entities or endless nesting is not expanded', () => {
    const bomb = `<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${probeMatchesXml({ ...hikvision, name: 'n' }, '&b;')}`;
    assert.ok(JSON.stringify(read(bomb)).length < 2000);
    assert.deepEqual(read('<a>'.repeat(20_000)).matches, []);
  });

  it('of arbitrary bytes never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        parseReply(bytes);
      }),
      { numRuns: 200 },
    );
  });

  it('of a camera with bytes changed at random never throws', () => {
    const xml = Buffer.from(probeMatchesXml(hikvision, 'x'));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(xml.length - 1), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 20,
        }),
        (changes) => {
          const copy = Buffer.from(xml);
          for (const [at, value] of changes) copy[at] = value;
          const reply = parseReply(copy);
          assert.ok(reply.matches.length <= 64);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of hostile XML is read in time that grows with its length only', () => {
    // Each of these once was somebody's quadratic case; 64 KiB of them must pass as quickly as anything else.
    for (const piece of [
      '<',
      '<a ',
      '<!--',
      '<![CDATA[',
      '&',
      '<a b="',
      '</a>',
      'xmlns:',
      'xmlns:a ',
      '<!ENTITY ',
      ' ',
    ])
      read(piece.repeat(65_000 / piece.length));
  });
});

describe('an endpoint reference', () => {
  it('is the same with uuid: and urn:uuid:, in upper and lower case (case 8)', () => {
    const expected = `urn:uuid:${UUID}`;
    for (const text of [`uuid:${UUID}`, `urn:uuid:${UUID}`, ` URN:UUID:${UUID.toUpperCase()}\n`])
      assert.equal(normaliseEndpoint(text), expected);
  });

  it('that is nil, anonymous or missing identifies nobody', () => {
    for (const text of [
      undefined,
      '',
      'urn:uuid:00000000-0000-0000-0000-000000000000',
      'http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous',
    ])
      assert.equal(normaliseEndpoint(text), undefined);
  });
});
