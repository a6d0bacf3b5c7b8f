/**
 * The ONVIF half of a virtual camera: device, media, media2 and PTZ service behind WS-UsernameToken or HTTP Digest, as
 * strict as real cameras are (a token more than five seconds off ITS clock is refused).
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encoderOptionsXml, readClockSetting, setEncoder } from './encoderSettings.ts';
import { type EventFaults, EventService } from './eventService.ts';
import {
  accountChecks,
  capabilitiesXml,
  deviceInformationXml,
  encoderConfigurationsXml,
  profiles2Xml,
  profilesXml,
  servicesXml,
  systemDateAndTimeXml,
  uriXml,
  videoSourcesXml,
} from './onvifAnswers.ts';
import type { VirtualPtz } from './ptz.ts';
import { envelope, faultXml } from './soap.ts';

export interface VirtualProfile {
  token: string;
  name: string;
  width: number;
  height: number;
  fps: number;
  codec: 'h264' | 'hevc' | 'mjpeg';
  /** kbit/s */
  bitrate: number;
  /** Frames between key frames. */
  gop: number;
  rtspUrl: string;
  snapshotUrl?: string;
  /** It has a PTZ configuration. */
  ptz?: boolean;
  /** Default: one of its own. */
  encoderToken?: string;
}

export interface OnvifServiceOptions {
  name: string;
  host: string;
  /** Default: any free one. */
  port?: number;
  /** Without it everybody may come in. */
  username?: string;
  password?: string;
  profiles: VirtualProfile[];
  /** How far the camera's clock is ahead of ours. */
  clockSkewSeconds?: number;
  /** Its local time against its UTC; default: no local time is told. */
  timeZoneSeconds?: number;
  /** Motors; default: none, and no PTZ service. */
  ptz?: VirtualPtz;
  /** Called after SetVideoEncoderConfiguration has changed a profile. */
  configured?: (profile: VirtualProfile) => void;
  /** Called by SetSynchronizationPoint; default: the camera does not know it. */
  synchronize?: (profile: VirtualProfile) => void;
  /** Called by SystemReboot, which is answered before; default: the camera does not know it. */
  reboot?: () => void;
  /** Where calls are written down; default: a list of the service's own. */
  calls?: string[];
  faults?: OnvifFaults;
}

export interface OnvifFaults {
  /** wsse (default): WS-UsernameToken only; digest: HTTP Digest only, tokens are ignored. */
  login?: 'wsse' | 'digest';
  digestQop?: string;
  digestAlgorithm?: string;
  /** The token is checked against UTC plus this, whatever clock GetSystemDateAndTime shows. */
  tokenSkewSeconds?: number;
  /** GetSystemDateAndTime wants a login too. */
  closedClock?: boolean;
  noGetServices?: boolean;
  /** Media1 does not exist (Profile T only). */
  noMedia1?: boolean;
  /** Media2 exists; default: only when a profile is hevc, which Media1 cannot say. */
  media2?: boolean;
  /** Host that stands in service addresses. */
  serviceHost?: string;
  events?: EventFaults;
  /** Last word on every answer: return another body, or answer oneself and return undefined. */
  answer?: (call: string, xml: string, response: ServerResponse) => string | undefined;
}

export interface OnvifService {
  url: string;
  port: number;
  /** Names of the calls that came, in order; refused ones with a `!` before. */
  calls: string[];
  /** What the camera notices is told through it. */
  events: EventService;
  close(): Promise<void>;
}

export async function startOnvifService(options: OnvifServiceOptions): Promise<OnvifService> {
  const { faults = {} } = options;
  const calls = options.calls ?? [];
  let clockSkew = options.clockSkewSeconds ?? 0;
  const events = new EventService(faults.events);
  const checks = accountChecks(options, randomBytes(16).toString('hex'), () => clockSkew);
  const server = createServer((request, response) => {
    readBody(request, (body) => {
      const call = /<(?:\w+:)?Body[^>]*>\s*<(?:\w+:)?(\w+)/.exec(body)?.[1] ?? 'nothing';
      const media2 = body.includes('ver20/media');
      const open = ['GetSystemDateAndTime', 'GetServices', 'GetCapabilities'].includes(call);
      const needsLogin =
        options.username !== undefined && (!open || (call === 'GetSystemDateAndTime' && faults.closedClock));
      if (needsLogin && !checks.accepts(body, request)) {
        calls.push(`!${call}`);
        checks.refuse(response);
        return;
      }
      calls.push(media2 ? `${call}2` : call);
      const answer = (xml: string): void => {
        const last = faults.answer ? faults.answer(call, xml, response) : xml;
        if (last === undefined) return;
        response.writeHead(xml.includes(':Fault>') ? 400 : 200, {
          'Content-Type': 'application/soap+xml; charset=utf-8',
        });
        response.end(last);
      };
      const moved = options.ptz?.answer(call, body);
      if (moved) return void moved.then(answer);
      if (!events.takes(call)) return answer(answerTo(call, media2, body));
      const gone = new AbortController();
      response.on('close', () => gone.abort());
      void events.answer(base, { call, body, path: request.url ?? '', gone: gone.signal }).then(answer);
    });
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const base = `http://${faults.serviceHost ?? options.host}:${port}`;
  const has = { events: !faults.events?.none, ptz: options.ptz !== undefined };
  const media2 = faults.media2 ?? options.profiles.some((profile) => profile.codec === 'hevc');

  function answerTo(call: string, ver20: boolean, body: string): string {
    const token = /<(?:\w+:)?ProfileToken[^>]*>([^<]*)</.exec(body)?.[1];
    const profile = options.profiles.find((candidate) => escaped(candidate.token) === token);
    if (!ver20 && faults.noMedia1 && /Profiles|Uri|Video/.test(call))
      return faultXml('ter:ActionNotSupported', 'No Media1');
    switch (call) {
      case 'GetSystemDateAndTime':
        return systemDateAndTimeXml(Date.now() + clockSkew * 1000, options.timeZoneSeconds);
      case 'GetDeviceInformation':
        return deviceInformationXml(options.name);
      case 'GetServices':
        return faults.noGetServices
          ? faultXml('ter:ActionNotSupported', 'Optional Action Not Implemented')
          : servicesXml(base, { media1: !faults.noMedia1, media2, ...has });
      case 'GetCapabilities':
        return capabilitiesXml(base, has);
      case 'GetProfiles':
        return ver20 ? profiles2Xml(options.profiles) : profilesXml(options.profiles);
      case 'GetVideoEncoderConfigurationOptions':
        return encoderOptionsXml(ver20);
      case 'SetVideoEncoderConfiguration': {
        const { xml, changed } = setEncoder(body, ver20, options.profiles);
        if (changed) options.configured?.(changed);
        return xml;
      }
      case 'SetSynchronizationPoint':
        if (!options.synchronize) return faultXml('ter:ActionNotSupported', 'No SetSynchronizationPoint');
        if (!profile) return faultXml('ter:NoProfile', 'No such profile');
        options.synchronize(profile);
        return envelope('<trt:SetSynchronizationPointResponse/>');
      case 'SetSystemDateAndTime': {
        const time = readClockSetting(body);
        if (time === undefined) return faultXml('ter:InvalidTimeZone', 'Type, time zone or time is wrong');
        clockSkew = Math.round((time - Date.now()) / 1000);
        return envelope('<tds:SetSystemDateAndTimeResponse/>');
      }
      case 'SystemReboot':
        if (!options.reboot) return faultXml('ter:ActionNotSupported', 'No SystemReboot');
        setTimeout(options.reboot, 50);
        return envelope(
          '<tds:SystemRebootResponse><tds:Message>Rebooting in 3 seconds</tds:Message></tds:SystemRebootResponse>',
        );
      case 'GetVideoSources':
        return videoSourcesXml(options.profiles);
      case 'GetVideoEncoderConfigurations':
        return encoderConfigurationsXml(options.profiles);
      case 'GetStreamUri':
        return profile ? uriXml(call, ver20, profile.rtspUrl) : faultXml('ter:NoProfile', 'No such profile');
      case 'GetSnapshotUri':
        return profile?.snapshotUrl
          ? uriXml(call, ver20, profile.snapshotUrl)
          : faultXml('ter:ActionNotSupported', 'No snapshot');
      default:
        return faultXml('ter:ActionNotSupported', `No ${call}`);
    }
  }

  return {
    url: `http://${options.host}:${port}/onvif/device_service`,
    port,
    calls,
    events,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function readBody(request: IncomingMessage, done: (body: string) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => done(Buffer.concat(chunks).toString('utf8')));
}

function escaped(token: string): string {
  return token.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
