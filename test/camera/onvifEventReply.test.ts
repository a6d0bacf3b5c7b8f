import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  readLifetime,
  readNotifications,
  readServices,
  readSubscription,
  readVideoSources,
} from '../../daemon/camera/onvifEventReply.ts';

const DEVICE = 'http://192.0.2.7:8000/onvif/device_service';

describe('readNotifications', () => {
  it('reads them whatever the prefixes, items by lower-case names', () => {
    const xml =
      '<SOAP-ENV:Envelope><SOAP-ENV:Body><x:PullMessagesResponse><y:NotificationMessage>' +
      '<y:Topic Dialect="d">tns1:RuleEngine/tnshik:Some/Motion//.</y:Topic><y:ProducerReference/>' +
      '<y:Message><z:Message UtcTime="0000-00-00T00:00:00Z" PropertyOperation="Changed"><z:Source>' +
      '<z:SimpleItem Value="VS&amp;1" Name="VideoSource"/></z:Source><z:Key/><z:Data><z:SimpleItem Name="State">true</z:SimpleItem>' +
      '</z:Data></z:Message></y:Message></y:NotificationMessage><y:NotificationMessage/>' +
      '<y:NotificationMessage><y:Topic>a</y:Topic></y:NotificationMessage></x:PullMessagesResponse></SOAP-ENV:Body></SOAP-ENV:Envelope>';
    assert.deepEqual(readNotifications(xml), [
      {
        topic: 'RuleEngine/Some/Motion',
        operation: 'changed',
        source: new Map([['videosource', 'VS&1']]),
        data: new Map([['state', 'true']]),
      },
    ]);
  });

  it('takes a bounded part of an answer without end', () => {
    const item = `<SimpleItem Name="${'n'.repeat(5_000)}" Value="${'v'.repeat(5_000)}"/>`;
    const items = Array.from({ length: 100 }, (_, i) => `<SimpleItem Name="i${i}" Value="1"/>`).join('');
    const one = `<NotificationMessage><Topic>${'t/'.repeat(4_000)}</Topic><Message><Data>${item}${items}</Data></Message></NotificationMessage>`;
    const [first] = readNotifications(`<a>${one}</a>`);
    assert.ok((first?.topic.length ?? 0) <= 200);
    assert.ok((first?.data.size ?? 0) <= 32);
    assert.ok([...(first?.data ?? [])].every(([name, value]) => name.length <= 200 && value.length <= 200));
    const short = '<NotificationMessage><Topic>t</Topic><Message><Data/></Message></NotificationMessage>';
    assert.equal(readNotifications(`<a>${short.repeat(1_000)}</a>`).length, 256);
  });
});

describe('readSubscription', () => {
  const answer = (address: string, parameters = '') =>
    `<s:Envelope xmlns:s="s" xmlns:dom0="http://www.axis.com/2009/event"><s:Body><r><q:SubscriptionReference><w:Address>${address}</w:Address>` +
    `${parameters}</q:SubscriptionReference></r></s:Body></s:Envelope>`;

  const table: [address: string, url: string][] = [
    ['http://192.0.2.7:8000/onvif/Sub?Idx=3', 'http://192.0.2.7:8000/onvif/Sub?Idx=3'],
    ['http://192.0.2.7:8899/onvif/Sub', 'http://192.0.2.7:8899/onvif/Sub'],
    ['http://10.0.0.5/onvif/Sub?a=1&amp;b=2', 'http://192.0.2.7:8000/onvif/Sub?a=1&b=2'],
    [' http://0.0.0.0:80/x \n', 'http://192.0.2.7:8000/x'],
  ];
  for (const [address, url] of table)
    it(`${address.trim()} is called at ${url}`, () =>
      assert.equal(readSubscription(answer(address), DEVICE)?.url, url));

  it('keeps what the camera wants back, its prefixes declared', () => {
    const own =
      '<w:ReferenceParameters>\n <dom0:SubscriptionId>42</dom0:SubscriptionId></w:ReferenceParameters>';
    assert.equal(
      readSubscription(answer('http://a/b', own), DEVICE)?.referenceParameters,
      '<dom0:SubscriptionId wsa:IsReferenceParameter="true" xmlns:dom0="http://www.axis.com/2009/event">42</dom0:SubscriptionId>',
    );
    const declared = '<ReferenceParameters><Id xmlns="u">7</Id></ReferenceParameters>';
    assert.equal(
      readSubscription(answer('http://a/b', declared), DEVICE)?.referenceParameters,
      '<Id wsa:IsReferenceParameter="true" xmlns="u">7</Id>',
    );
    for (const empty of ['', '<w:ReferenceParameters/>', '<w:ReferenceParameters> </w:ReferenceParameters>'])
      assert.equal(readSubscription(answer('http://a/b', empty), DEVICE)?.referenceParameters, '');
  });

  it('is undefined without an address that can be called', () => {
    for (const address of ['', 'urn:uuid:1', 'http://', 'ftp://a/b'])
      assert.equal(readSubscription(answer(address), DEVICE), undefined);
  });
});

describe('readLifetime', () => {
  const answer = (now: string, until: string) =>
    `<a><x:CurrentTime>${now}</x:CurrentTime><x:TerminationTime>${until}</x:TerminationTime></a>`;
  const table: [now: string, until: string, seconds: number | undefined][] = [
    ['2026-01-01T00:00:00Z', '2026-01-01T00:02:00Z', 120],
    ['2026-01-01T08:00:00+08:00', '2026-01-01T00:01:00.5Z', 60.5],
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', undefined],
    ['2026-01-01T00:00:00Z', '1970-01-01T00:00:00Z', undefined],
    ['2026-01-01T00:00:00Z', '2036-01-01T00:00:00Z', undefined],
    ['0000-00-00T00:00:00Z', '2026-01-01T00:02:00Z', undefined],
    ['', '', undefined],
  ];
  for (const [now, until, seconds] of table)
    it(`${now || 'nothing'} to ${until || 'nothing'}: ${seconds}`, () =>
      assert.equal(readLifetime(answer(now, until)), seconds));
});

describe('readServices and readVideoSources', () => {
  it('read GetServices and GetCapabilities', () => {
    const service = (namespace: string, path: string) =>
      `<d:Service><d:Namespace>http://www.onvif.org/${namespace}/wsdl</d:Namespace><d:XAddr>http://10.1.1.1/${path}</d:XAddr></d:Service>`;
    const services = `<a>${service('ver20/media', 'm2')}${service('ver10/events', 'e')}${service('ver10/media', 'm')}</a>`;
    const here = { events: 'http://192.0.2.7:8000/e', media: 'http://192.0.2.7:8000/m' };
    assert.deepEqual(readServices(services, DEVICE), here);
    const capability = (name: string, path: string) =>
      `<t:${name}><t:XAddr>http://10.1.1.1/${path}</t:XAddr></t:${name}>`;
    const capabilities = `<a><b:Capabilities>${capability('Events', 'e')}${capability('Media', 'm')}</b:Capabilities></a>`;
    assert.deepEqual(readServices(capabilities, DEVICE), here);
    assert.deepEqual(readServices('<a/>', DEVICE), { events: undefined, media: undefined });
  });

  it('read which profiles show a video source, by its token and by that of its configuration', () => {
    const profile = (token: string, configuration: string, source: string) =>
      `<trt:Profiles token="${token}"><tt:VideoSourceConfiguration token="${configuration}"><tt:SourceToken>${source}</tt:SourceToken></tt:VideoSourceConfiguration></trt:Profiles>`;
    const xml = `<a>${profile('P1', 'C1', 'S1')}${profile('P2', 'C1', 'S1')}${profile('P3', 'C2', 'S2')}<trt:Profiles token="audio"/></a>`;
    const found = [...readVideoSources(xml)].map(([source, profiles]) => [source, [...profiles].join()]);
    assert.deepEqual(found, [
      ['C1', 'P1,P2'],
      ['S1', 'P1,P2'],
      ['C2', 'P3'],
      ['S2', 'P3'],
    ]);
  });
});

describe('whatever a camera answers', () => {
  const names = [
    'Envelope',
    'Body',
    'NotificationMessage',
    'Topic',
    'Message',
    'Source',
    'Data',
    'SimpleItem',
    'SubscriptionReference',
    'Address',
    'ReferenceParameters',
    'TerminationTime',
    'CurrentTime',
    'Service',
    'Namespace',
    'XAddr',
    'Profiles',
    'VideoSourceConfiguration',
  ];
  const piece = fc.oneof(
    fc.constantFrom(...names).map((name) => `<p:${name}>`),
    fc.constantFrom(...names).map((name) => `</p:${name}>`),
    fc
      .constantFrom(...names)
      .map((name) => `<${name} token="x" Name="State" Value="true" PropertyOperation="Changed"/>`),
    fc.constantFrom(
      'http://a/b',
      'tns1:RuleEngine/x',
      '&amp;',
      '&bad',
      '<![CDATA[',
      ']]>',
      '<!--',
      '<?',
      '<',
      '>',
      '"',
    ),
    fc.string({ maxLength: 12 }),
  );

  it('every reader comes to an end with something whole', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const xml = pieces.join('');
        for (const { topic, source, data } of readNotifications(xml)) {
          assert.ok(topic.length > 0 && topic.length <= 200);
          assert.ok(source.size <= 32 && data.size <= 32);
        }
        const subscription = readSubscription(xml, DEVICE);
        if (subscription) {
          assert.equal(new URL(subscription.url).hostname, '192.0.2.7');
          assert.ok(subscription.referenceParameters.length <= 65_536);
        }
        const lifetime = readLifetime(xml);
        assert.ok(lifetime === undefined || (lifetime > 0 && lifetime <= 86_400));
        readServices(xml, DEVICE);
        readVideoSources(xml);
      }),
      { numRuns: 500 },
    );
  });

  it('half a megabyte of open tags is read as well', () => {
    for (const tag of [
      '<ReferenceParameters>',
      '<a:ReferenceParameters x="',
      '<NotificationMessage>',
      'xmlns:a=',
      '<',
    ])
      for (const read of [
        readNotifications,
        readLifetime,
        readVideoSources,
        (xml: string) => readSubscription(xml, DEVICE),
      ])
        read(tag.repeat(Math.floor((512 * 1024) / tag.length)));
  });
});
