import { LOOPBACK_SHARDS } from './loopbackShards.ts';

/**
 * Content security policy of the pages. Chromium opens six connections to a host, so the wall takes its pictures from
 * 127.0.0.1, 127.0.0.2, …: CSP knows no wildcard inside an address, hence the list.
 * @param port the port that the page was opened at
 */
export function contentSecurityPolicy(port: number): string {
  const shards = Array.from({ length: LOOPBACK_SHARDS }, (_, index) => `http://127.0.0.${index + 1}:${port}`);
  return [
    "default-src 'self'",
    `img-src 'self' data: blob: ${shards.join(' ')}`,
    // The wall tries the addresses before it relies on them.
    `connect-src 'self' ws: wss: ${shards.join(' ')}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Of every answer. The referrer policy lets the wall’s pictures at other loopback addresses say where they come from. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
};
