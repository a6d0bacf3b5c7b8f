import type { HostFile } from './hostFile.ts';

/**
 * Debian's own place for a site's certificates, /usr/local/share/ca-certificates, is read-only on the image. The
 * program takes any other folder, but only files in it that end in .crt.
 */
export const CERTIFICATE_FOLDER = '/etc/walleye/ca';
export const OUR_CERTIFICATES = /^walleye-[^/]*\.crt$/;
/** /etc/ssl/certs lies in the writable layer of /etc. --fresh: also takes out what is not there any more. */
export const REBUILD_BUNDLE = ['update-ca-certificates', '--fresh', '--localcertsdir', CERTIFICATE_FOLDER];

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\s]*)-----END \1-----/g;

/**
 * The certificates of a PEM text, each as a PEM of its own in one spelling (RFC 7468): text before and between them is
 * left out. `others`: what else was in it, such as PRIVATE KEY.
 */
export function certificatesOf(pem: string): { certificates: string[]; others: string[] } {
  const certificates: string[] = [];
  const others: string[] = [];
  for (const [, label = '', body = ''] of pem.matchAll(BLOCK)) {
    if (label !== 'CERTIFICATE') others.push(label);
    else certificates.push(`-----BEGIN ${label}-----\n${wrapped(body)}-----END ${label}-----\n`);
  }
  return { certificates, others };
}

/** One certificate a file, as `openssl rehash` wants them. */
export function certificateFiles(pems: readonly string[]): HostFile[] {
  const all = new Set(pems.flatMap((pem) => certificatesOf(pem).certificates));
  return [...all].map((content, index) => ({
    path: `${CERTIFICATE_FOLDER}/walleye-${String(index + 1).padStart(2, '0')}.crt`,
    content,
    mode: 0o644,
    concerns: 'certificates',
  }));
}

function wrapped(base64: string): string {
  return (base64.replaceAll(/\s/g, '').match(/.{1,64}/g) ?? []).map((line) => `${line}\n`).join('');
}
