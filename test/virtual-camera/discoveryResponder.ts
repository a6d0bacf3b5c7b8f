/**
 * The discovery half of a virtual camera: answers WS-Discovery probes by hand-written messages, and SSDP searches
 * through node-ssdp's Server, with a device description over HTTP.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import ssdp from 'node-ssdp';

const GROUP = '239.255.255.250';

export interface DiscoveryOptions {
  /** IPv4 addresses of the interfaces to listen on. */
  interfaces: string[];
  /** Endpoint reference: a UUID without prefix. */
  uuid: string;
  name: string;
  hardware?: string;
  location?: string;
  /** Twelve hexadecimal digits with colons. */
  mac?: string;
  xaddrs: string[];
  /** Default: both. */
  protocols?: ('ws-discovery' | 'ssdp')[];
  /**
   * garbage: random bytes and broken XML to every probe and search · silent: nothing · fault: a SOAP fault to every
   * probe · half: only the first half of the message · duplicate: three answers to each probe, each with one XAddr
   */
  fault?: 'garbage' | 'silent' | 'fault' | 'half' | 'duplicate';
  /** A whole other message instead of the usual one. */
  message?: (relatesTo: string) => Buffer | string;
  ssdp?: {
    deviceType?: string;
    manufacturer?: string;
    model?: string;
    serial?: string;
    headers?: Record<string, string>;
  };
}

export interface DiscoveryResponder {
  /** WS-Discovery probes that came. */
  probes: string[];
  close(): Promise<void>;
}

export async function startDiscoveryResponder(options: DiscoveryOptions): Promise<DiscoveryResponder> {
  const protocols = options.protocols ?? ['ws-discovery', 'ssdp'];
  const probes: string[] = [];
  const closers: (() => Promise<void>)[] = [];
  if (protocols.includes('ws-discovery')) closers.push(await answerProbes(options, probes));
  if (protocols.includes('ssdp')) closers.push(await answerSearches(options));
  return {
    probes,
    close: async () => {
      await Promise.all(closers.map((close) => close()));
    },
  };
}

async function answerProbes(options: DiscoveryOptions, probes: string[]): Promise<() => Promise<void>> {
  const socket = await multicastSocket(3702, options.interfaces);
  socket.on('message', (data, remote) => {
    const probe = data.toString('utf8');
    if (!/<(?:\w+:)?Probe[\s>]/.test(probe)) return;
    probes.push(probe);
    const relatesTo = /MessageID[^>]*>([^<]*)</.exec(probe)?.[1] ?? '';
    for (const answer of answersTo(options, relatesTo)) socket.send(answer, remote.port, remote.address);
  });
  return () => new Promise((resolve) => socket.close(() => resolve()));
}

function answersTo(options: DiscoveryOptions, relatesTo: string): (Buffer | string)[] {
  if (options.message) return [options.message(relatesTo)];
  const whole = probeMatchesXml(options, relatesTo);
  switch (options.fault) {
    case 'silent':
      return [];
    case 'garbage':
      return [
        Buffer.from([0, 255, 254, 60, 97, 0xc3, 0x28]),
        '<a:b><',
        whole.slice(300, 420),
        '{"hello":1}',
        '',
      ];
    case 'fault':
      return [discoveryFaultXml(relatesTo)];
    case 'half':
      return [whole.slice(0, whole.length / 2)];
    case 'duplicate':
      return options.xaddrs.map((xaddr) => probeMatchesXml({ ...options, xaddrs: [xaddr] }, relatesTo));
    default:
      return [whole];
  }
}

export function probeMatchesXml(
  options: Pick<DiscoveryOptions, 'uuid' | 'name' | 'hardware' | 'location' | 'mac' | 'xaddrs'>,
  relatesTo: string,
): string {
  const scopes = [
    'onvif://www.onvif.org/type/video_encoder',
    'onvif://www.onvif.org/Profile/Streaming',
    `onvif://www.onvif.org/name/${encodeURIComponent(options.name)}`,
    options.hardware && `onvif://www.onvif.org/hardware/${encodeURIComponent(options.hardware)}`,
    `onvif://www.onvif.org/location/${encodeURIComponent(options.location ?? '')}`,
    options.mac && `onvif://www.onvif.org/MAC/${options.mac}`,
  ];
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope"' +
    ' xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:wsdd="http://schemas.xmlsoap.org/ws/2005/04/discovery"' +
    ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><SOAP-ENV:Header>' +
    `<wsa:MessageID>urn:uuid:${crypto.randomUUID()}</wsa:MessageID><wsa:RelatesTo>${relatesTo}</wsa:RelatesTo>` +
    '<wsa:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsa:To>' +
    '<wsa:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</wsa:Action></SOAP-ENV:Header>' +
    '<SOAP-ENV:Body><wsdd:ProbeMatches><wsdd:ProbeMatch><wsa:EndpointReference>' +
    `<wsa:Address>urn:uuid:${options.uuid}</wsa:Address></wsa:EndpointReference>` +
    '<wsdd:Types>dn:NetworkVideoTransmitter</wsdd:Types>' +
    `<wsdd:Scopes>${scopes.filter((scope) => scope).join(' ')}</wsdd:Scopes>` +
    `<wsdd:XAddrs>${options.xaddrs.join(' ')}</wsdd:XAddrs><wsdd:MetadataVersion>1</wsdd:MetadataVersion>` +
    '</wsdd:ProbeMatch></wsdd:ProbeMatches></SOAP-ENV:Body></SOAP-ENV:Envelope>\n'
  );
}

/** As a Hikvision answers a probe with line breaks (edgexfoundry/device-onvif-camera#134). */
export function discoveryFaultXml(relatesTo: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope"' +
    ' xmlns:wsadis="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery">' +
    `<env:Header><wsadis:RelatesTo>${relatesTo}</wsadis:RelatesTo></env:Header><env:Body><env:Fault><env:Code>` +
    '<env:Value>env:Sender</env:Value><env:Subcode><env:Value>d:MatchingRuleNotSupported</env:Value></env:Subcode>' +
    '</env:Code><env:Reason><env:Text xml:lang="en">the xml format error</env:Text></env:Reason></env:Fault></env:Body></env:Envelope>'
  );
}

async function answerSearches(options: DiscoveryOptions): Promise<() => Promise<void>> {
  if (options.fault === 'silent') return async () => {};
  if (options.fault === 'garbage') {
    const socket = await multicastSocket(1900, options.interfaces);
    socket.on('message', (_data, remote) => garbage(socket, remote));
    return () => new Promise((resolve) => socket.close(() => resolve()));
  }
  const description = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/xml' });
    response.end(descriptionXml(options));
  });
  await new Promise<void>((resolve) => description.listen(0, resolve));
  const { port } = description.address() as AddressInfo;
  const servers = options.interfaces.map((address) => {
    const server = new ssdp.Server({
      udn: `uuid:${options.uuid}`,
      location: { port, path: '/description.xml' },
      headers: options.ssdp?.headers,
      // Only ours are used, so that loopback works too.
      reuseAddr: true,
    });
    const inner = server as unknown as {
      sockets: Record<string, Socket>;
      _initAdLoop(): void;
      _startAdLoop(): void;
    };
    inner.sockets = { [address]: createSocket({ type: 'udp4', reuseAddr: true }) };
    // Without the first advertisement after three seconds, for which the process would stay alive.
    inner._initAdLoop = () => inner._startAdLoop();
    server.addUSN('upnp:rootdevice');
    server.addUSN(options.ssdp?.deviceType ?? 'urn:schemas-upnp-org:device:DigitalSecurityCamera:1');
    return server;
  });
  await Promise.all(servers.map((server) => server.start()));
  return async () => {
    for (const server of servers) server.stop();
    description.closeAllConnections();
    await new Promise((resolve) => description.close(resolve));
  };
}

function garbage(socket: Socket, remote: RemoteInfo): void {
  for (const bytes of [
    Buffer.from([255, 0, 13, 10]),
    'HTTP/1.1 200 OK\r\n\r\n',
    'HTTP/1.1 200 OK\r\nLOCATION: http://[::::\r\nUSN: \r\nST\r\n: :\r\n__proto__: x\r\n\r\n',
    'NOTIFY * HTTP/1.1\r\nNTS: ssdp:alive\r\n\r\n',
  ])
    socket.send(bytes, remote.port, remote.address);
}

export function descriptionXml(options: DiscoveryOptions): string {
  const { deviceType, manufacturer, model, serial } = options.ssdp ?? {};
  return (
    '<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion><major>1</major><minor>0</minor>' +
    `</specVersion><device><deviceType>${deviceType ?? 'urn:schemas-upnp-org:device:DigitalSecurityCamera:1'}</deviceType>` +
    `<friendlyName>${options.name}</friendlyName><manufacturer>${manufacturer ?? 'Walleye'}</manufacturer>` +
    `<modelName>${model ?? options.hardware ?? 'virtual camera'}</modelName><serialNumber>${serial ?? options.uuid.replaceAll('-', '').slice(0, 12)}</serialNumber>` +
    `<UDN>uuid:${options.uuid}</UDN></device></root>`
  );
}

function multicastSocket(port: number, interfaces: readonly string[]): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, () => {
      for (const address of interfaces) socket.addMembership(GROUP, address);
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}
