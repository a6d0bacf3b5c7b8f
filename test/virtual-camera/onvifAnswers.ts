/** What the virtual camera's ONVIF service answers, and whom it lets in. Written after answers of Hikvision and Dahua. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { encoderToken } from './encoderSettings.ts';
import type { OnvifServiceOptions, VirtualProfile } from './onvifService.ts';
import { envelope, escapeXml, faultXml } from './soap.ts';

export { envelope, faultXml } from './soap.ts';

function dateTimeXml(name: string, time: number): string {
  const date = new Date(time);
  return (
    `<tt:${name}><tt:Time><tt:Hour>${date.getUTCHours()}</tt:Hour><tt:Minute>${date.getUTCMinutes()}</tt:Minute>` +
    `<tt:Second>${date.getUTCSeconds()}</tt:Second></tt:Time><tt:Date><tt:Year>${date.getUTCFullYear()}</tt:Year>` +
    `<tt:Month>${date.getUTCMonth() + 1}</tt:Month><tt:Day>${date.getUTCDate()}</tt:Day></tt:Date></tt:${name}>`
  );
}

export function systemDateAndTimeXml(time: number, timeZoneSeconds: number | undefined): string {
  return envelope(
    '<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>' +
      '<tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>CST-8:00:00</tt:TZ></tt:TimeZone>' +
      dateTimeXml('UTCDateTime', time) +
      (timeZoneSeconds === undefined ? '' : dateTimeXml('LocalDateTime', time + timeZoneSeconds * 1000)) +
      '</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>',
  );
}

export function deviceInformationXml(name: string): string {
  return envelope(
    '<tds:GetDeviceInformationResponse><tds:Manufacturer>Walleye</tds:Manufacturer>' +
      `<tds:Model>${name}</tds:Model><tds:FirmwareVersion>5.10</tds:FirmwareVersion>` +
      '<tds:SerialNumber>12345678901234567890</tds:SerialNumber><tds:HardwareId>1.0</tds:HardwareId>' +
      '</tds:GetDeviceInformationResponse>',
  );
}

export function servicesXml(
  base: string,
  has: { media1: boolean; media2: boolean; events: boolean; ptz: boolean },
): string {
  const service = (namespace: string, path: string): string =>
    `<tds:Service><tds:Namespace>http://www.onvif.org/${namespace}/wsdl</tds:Namespace>` +
    `<tds:XAddr>${base}${path}</tds:XAddr><tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>`;
  return envelope(
    '<tds:GetServicesResponse>' +
      service('ver10/device', '/onvif/device_service') +
      (has.media1 ? service('ver10/media', '/onvif/Media') : '') +
      (has.media2 ? service('ver20/media', '/onvif/Media2') : '') +
      (has.events ? service('ver10/events', '/onvif/Events') : '') +
      (has.ptz ? service('ver20/ptz', '/onvif/PTZ') : '') +
      '</tds:GetServicesResponse>',
  );
}

export function capabilitiesXml(base: string, has: { events: boolean; ptz: boolean }): string {
  return envelope(
    '<tds:GetCapabilitiesResponse><tds:Capabilities>' +
      `<tt:Device><tt:XAddr>${base}/onvif/device_service</tt:XAddr></tt:Device>` +
      (has.events ? `<tt:Events><tt:XAddr>${base}/onvif/Events</tt:XAddr></tt:Events>` : '') +
      `<tt:Media><tt:XAddr>${base}/onvif/Media</tt:XAddr></tt:Media>` +
      (has.ptz ? `<tt:PTZ><tt:XAddr>${base}/onvif/PTZ</tt:XAddr></tt:PTZ>` : '') +
      '</tds:Capabilities></tds:GetCapabilitiesResponse>',
  );
}

const ENCODING = { h264: 'H264', hevc: 'H265', mjpeg: 'JPEG' } as const;

/** Media1 cannot say H.265: such a profile goes without encoder configuration, as on Dahua. */
export function profilesXml(profiles: readonly VirtualProfile[]): string {
  return envelope(
    `<trt:GetProfilesResponse>${profiles
      .map(
        (profile) =>
          `<trt:Profiles fixed="true" token="${escapeXml(profile.token)}"><tt:Name>${escapeXml(profile.name)}</tt:Name>` +
          '<tt:VideoSourceConfiguration token="VSC0"><tt:Name>VSC0</tt:Name><tt:UseCount>2</tt:UseCount>' +
          '<tt:SourceToken>VS0</tt:SourceToken><tt:Bounds x="0" y="0" width="1280" height="720"/></tt:VideoSourceConfiguration>' +
          (profile.codec === 'hevc'
            ? ''
            : `<tt:VideoEncoderConfiguration${encoderXml(profile)}</tt:VideoEncoderConfiguration>`) +
          ptzConfigurationXml(profile, 'tt:PTZConfiguration') +
          '</trt:Profiles>',
      )
      .join('')}</trt:GetProfilesResponse>`,
  );
}

function ptzConfigurationXml(profile: VirtualProfile, name: string): string {
  if (!profile.ptz) return '';
  return (
    `<${name} token="PTZ_0"><tt:Name>PTZ</tt:Name><tt:UseCount>1</tt:UseCount><tt:NodeToken>PTZNODE_0</tt:NodeToken>` +
    `<tt:DefaultPTZTimeout>PT5S</tt:DefaultPTZTimeout></${name}>`
  );
}

const MULTICAST =
  '<tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type><tt:IPv4Address>239.1.2.3</tt:IPv4Address></tt:Address>' +
  '<tt:Port>0</tt:Port><tt:TTL>1</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>';

function encoderXml(profile: VirtualProfile): string {
  return (
    ` token="${escapeXml(encoderToken(profile))}"><tt:Name>VEC</tt:Name><tt:UseCount>1</tt:UseCount>` +
    `<tt:Encoding>${ENCODING[profile.codec]}</tt:Encoding>` +
    `<tt:Resolution><tt:Width>${profile.width}</tt:Width><tt:Height>${profile.height}</tt:Height></tt:Resolution>` +
    '<tt:Quality>4</tt:Quality><tt:RateControl>' +
    `<tt:FrameRateLimit>${profile.fps}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval>` +
    `<tt:BitrateLimit>${profile.bitrate}</tt:BitrateLimit></tt:RateControl>` +
    (profile.codec === 'h264'
      ? `<tt:H264><tt:GovLength>${profile.gop}</tt:GovLength><tt:H264Profile>Main</tt:H264Profile></tt:H264>`
      : '') +
    `${MULTICAST}<tt:SessionTimeout>PT60S</tt:SessionTimeout>`
  );
}

export function profiles2Xml(profiles: readonly VirtualProfile[]): string {
  return envelope(
    `<tr2:GetProfilesResponse>${profiles
      .map(
        (profile) =>
          `<tr2:Profiles fixed="true" token="${escapeXml(profile.token)}"><tr2:Name>${escapeXml(profile.name)}</tr2:Name>` +
          '<tr2:Configurations><tr2:VideoSource token="VSC0"><tt:SourceToken>VS0</tt:SourceToken></tr2:VideoSource>' +
          `<tr2:VideoEncoder token="${escapeXml(encoderToken(profile))}" GovLength="${profile.gop}" Profile="Main">` +
          '<tt:Name>VEC</tt:Name><tt:UseCount>1</tt:UseCount>' +
          `<tt:Encoding>${ENCODING[profile.codec]}</tt:Encoding><tt:Resolution><tt:Width>${profile.width}</tt:Width>` +
          `<tt:Height>${profile.height}</tt:Height></tt:Resolution><tt:RateControl ConstantBitRate="false">` +
          `<tt:FrameRateLimit>${profile.fps}</tt:FrameRateLimit><tt:BitrateLimit>${profile.bitrate}</tt:BitrateLimit>` +
          `</tt:RateControl>${MULTICAST}<tt:Quality>4</tt:Quality></tr2:VideoEncoder>` +
          `${ptzConfigurationXml(profile, 'tr2:PTZ')}</tr2:Configurations></tr2:Profiles>`,
      )
      .join('')}</tr2:GetProfilesResponse>`,
  );
}

export function videoSourcesXml(profiles: readonly VirtualProfile[]): string {
  const largest = [...profiles].sort((a, b) => b.width - a.width)[0];
  return envelope(
    `<trt:GetVideoSourcesResponse><trt:VideoSources token="VS0"><tt:Framerate>${largest?.fps ?? 0}</tt:Framerate>` +
      `<tt:Resolution><tt:Width>${largest?.width ?? 0}</tt:Width><tt:Height>${largest?.height ?? 0}</tt:Height></tt:Resolution>` +
      '</trt:VideoSources></trt:GetVideoSourcesResponse>',
  );
}

export function encoderConfigurationsXml(profiles: readonly VirtualProfile[]): string {
  return envelope(
    `<trt:GetVideoEncoderConfigurationsResponse>${profiles
      .filter((profile) => profile.codec !== 'hevc')
      .map((profile) => `<trt:Configurations${encoderXml(profile)}</trt:Configurations>`)
      .join('')}</trt:GetVideoEncoderConfigurationsResponse>`,
  );
}

export function uriXml(call: string, ver20: boolean, uri: string): string {
  if (ver20)
    return envelope(`<tr2:${call}Response><tr2:Uri>${escapeXml(uri)}</tr2:Uri></tr2:${call}Response>`);
  return envelope(
    `<trt:${call}Response><trt:MediaUri><tt:Uri>${escapeXml(uri)}</tt:Uri>` +
      '<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot>' +
      `<tt:Timeout>PT60S</tt:Timeout></trt:MediaUri></trt:${call}Response>`,
  );
}

/** A camera takes a token when it is at most that many seconds off its clock (HA#121952). */
const TOKEN_TOLERANCE = 5;

/** Who is let in: WS-UsernameToken with PasswordDigest, each nonce once; or HTTP Digest (RFC 7616, MD5 or SHA-256). */
export function accountChecks(options: OnvifServiceOptions, httpNonce: string, clockSkew: () => number) {
  const { username = '', password = '', faults = {} } = options;
  const seen = new Set<string>();
  const realm = 'IP Camera(C1214)';
  const algorithm = faults.digestAlgorithm ?? 'MD5';

  function acceptsToken(body: string): boolean {
    const field = (name: string): string =>
      new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)<`).exec(body)?.[1] ?? '';
    const [nonce, created] = [field('Nonce'), field('Created')];
    if (field('Username') !== escapeXml(username) || nonce === '' || seen.has(nonce)) return false;
    // Hikvision: `…Z` only, no offset (python-onvif-zeep-async#122).
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(created)) return false;
    const clock = Date.now() + (faults.tokenSkewSeconds ?? clockSkew()) * 1000;
    if (Math.abs(Date.parse(created) - clock) > TOKEN_TOLERANCE * 1000) return false;
    const digest = createHash('sha1')
      .update(
        Buffer.concat([Buffer.from(nonce, 'base64'), Buffer.from(created), Buffer.from(password, 'utf8')]),
      )
      .digest('base64');
    if (field('Password') !== digest) return false;
    seen.add(nonce);
    return true;
  }

  function acceptsDigest(request: IncomingMessage): boolean {
    const header = request.headers.authorization ?? '';
    const field = (name: string): string => new RegExp(`\\b${name}="?([^",]*)"?`).exec(header)?.[1] ?? '';
    const hash = (text: string): string =>
      createHash(algorithm === 'SHA-256' ? 'sha256' : 'md5')
        .update(text)
        .digest('hex');
    const ha1 = hash(`${username}:${realm}:${password}`);
    const ha2 = hash(`${request.method}:${field('uri')}`);
    const middle =
      faults.digestQop === undefined
        ? [field('nonce')]
        : [field('nonce'), field('nc'), field('cnonce'), field('qop')];
    if (faults.digestQop !== undefined && (field('qop') !== 'auth' || !/^[0-9a-f]{8}$/.test(field('nc'))))
      return false;
    return (
      header.startsWith('Digest ') &&
      field('nonce') === httpNonce &&
      field('uri') === request.url &&
      field('response') === hash([ha1, ...middle, ha2].join(':'))
    );
  }

  return {
    accepts: (body: string, request: IncomingMessage): boolean =>
      faults.login === 'digest' ? acceptsDigest(request) : acceptsToken(body),
    refuse(response: ServerResponse): void {
      if (faults.login === 'digest') {
        const qop = faults.digestQop === undefined ? '' : `qop="${faults.digestQop}", `;
        const named = faults.digestAlgorithm === undefined ? '' : `, algorithm=${faults.digestAlgorithm}`;
        response.writeHead(401, {
          'WWW-Authenticate': [
            'Basic realm="IP Camera"',
            `Digest ${qop}realm="${realm}", nonce="${httpNonce}", stale="FALSE"${named}`,
          ],
        });
        response.end('<!DOCTYPE html><html><body>Access Error: 401</body></html>');
        return;
      }
      response.writeHead(400, { 'Content-Type': 'application/soap+xml' });
      response.end(faultXml('ter:NotAuthorized', 'Sender not Authorized'));
    },
  };
}
