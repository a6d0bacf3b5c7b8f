/** Addresses in ONVIF: the one that people type, and those that cameras answer with. Pure and total. */

import { parseServiceUrl } from '../discover/xaddrs.ts';
import { decodeEntities } from '../discover/xml.ts';

export interface DeviceAddress {
  readonly secure: boolean;
  /** Without brackets, as sockets want it. */
  readonly hostname: string;
  /** undefined: not said; the usual ports are to be tried. */
  readonly port: number | undefined;
  readonly path: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

const DEVICE_SERVICE = '/onvif/device_service';

/**
 * Reads `host`, `host:port` or a URL, with or without `user:password@` (split at the last `@`: passwords hold some).
 * Undefined when there is no host in it.
 */
export function parseDeviceAddress(text: string): DeviceAddress | undefined {
  const trimmed = text.trim();
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(trimmed)?.[0] ?? '';
  const { userinfo, rest } = splitUserinfo(trimmed.slice(scheme.length));
  const url = parseServiceUrl(`${scheme}${rest}`);
  if (!url || url.hostname === '') return undefined;
  const path = url.pathname === '/' && url.search === '' ? DEVICE_SERVICE : `${url.pathname}${url.search}`;
  const explicitPort = /^(?:\[[^\]]*\]|[^:/?#]*):(\d+)/.exec(rest)?.[1];
  const secure = url.protocol === 'https:';
  // A URL says its port, if only by its scheme; a bare host says nothing.
  const port = url.port !== '' ? Number(url.port) : secure ? 443 : scheme || explicitPort ? 80 : undefined;
  return { secure, hostname: url.hostname.replace(/^\[|\]$/g, ''), port, path, ...userinfo };
}

/**
 * Repairs the address of a stream: blanks and line breaks around it, entities escaped twice, private or loopback
 * hosts (discover/README, case 30). The host becomes the one that worked; port and path are kept; user and password in
 * it are cut off. Undefined when it is no RTSP address.
 */
export function repairStreamUri(uri: string, hostname: string): string | undefined {
  return repair(uri, hostname, /^rtsps?$/i);
}

/** The same for the address of a snapshot. */
export function repairSnapshotUri(uri: string, hostname: string): string | undefined {
  return repair(uri, hostname, /^https?$/i);
}

function repair(uri: string, hostname: string, schemes: RegExp): string | undefined {
  const text = decodeEntities(uri).trim();
  const parts = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(text);
  const [scheme, afterScheme] = [parts?.[1] ?? '', parts?.[2] ?? ''];
  if (!schemes.test(scheme) || text.length > 2048 || /[\s\p{Cc}]/u.test(text)) return undefined;
  // The path is not given to URL: that would rewrite bytes which the camera compares.
  const { rest } = splitUserinfo(afterScheme);
  const pieces = /^(?:\[[^\]]*\]|[^:/?#[\]]*)(?::(\d{1,5})(?::\d{1,5})*)?:?((?:[/?#].*)?)$/.exec(rest);
  if (!pieces) return undefined;
  const [, port = '', path = ''] = pieces;
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  return `${scheme.toLowerCase()}://${host}${port === '' ? '' : `:${port}`}${path}`;
}

interface Userinfo {
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** Splits at the last `@` of the authority (go2rtc#1032: passwords with `@`). */
function splitUserinfo(text: string): { userinfo: Userinfo; rest: string } {
  const none = { username: undefined, password: undefined };
  const authorityEnd = /[/?#]/.exec(text)?.index ?? text.length;
  const at = text.slice(0, authorityEnd).lastIndexOf('@');
  if (at < 0) return { userinfo: none, rest: text };
  const info = text.slice(0, at);
  const colon = info.indexOf(':');
  const username = decodePercent(colon < 0 ? info : info.slice(0, colon));
  const password = colon < 0 ? undefined : decodePercent(info.slice(colon + 1));
  return { userinfo: { username, password }, rest: text.slice(at + 1) };
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
