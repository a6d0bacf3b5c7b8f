import { isLoopbackName, splitHost } from './guard.ts';
import { LOOPBACK_SHARDS } from './loopbackShards.ts';

/**
 * Content security policy of the pages: nothing but what Walleye itself serves, no code and no styles within pages.
 *
 * Chromium opens six connections to a host, so on the box itself the wall takes its pictures from 127.0.0.1, 127.0.0.2, …:
 * CSP knows no wildcard inside an address, hence the list.
 * @param host the Host header that the page was asked for with
 * @param secure whether it was over HTTPS
 */
export function contentSecurityPolicy(host: string, secure: boolean): string {
  const { name, port } = splitHost(host) ?? { name: '', port: undefined };
  const scheme = secure ? 'https' : 'http';
  const at = port === undefined ? '' : `:${port}`;
  const shards = isLoopbackName(name)
    ? Array.from({ length: LOOPBACK_SHARDS }, (_, index) => ` ${scheme}://127.0.0.${index + 1}${at}`).join('')
    : '';
  // 'self' means the events' WebSocket too, but not in older Safari.
  const events = name === '' ? '' : ` ${secure ? 'wss' : 'ws'}://${name}${at}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "manifest-src 'self'",
    "media-src 'self' data: blob:",
    "worker-src 'self'",
    `img-src 'self' data: blob:${shards}`,
    // The wall tries the addresses before it relies on them.
    `connect-src 'self'${events}${shards}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Of every answer. The referrer policy lets the wall’s pictures at other loopback addresses say where they come from. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy':
    'accelerometer=(), autoplay=(self), camera=(), display-capture=(), fullscreen=(self), geolocation=(), ' +
    'gyroscope=(), hid=(), magnetometer=(), microphone=(self), midi=(), payment=(), screen-wake-lock=(self), serial=(), usb=()',
};
