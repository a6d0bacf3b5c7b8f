import { X509Certificate } from 'node:crypto';
import { certificatesOf } from './certificates.ts';
import type { HostProblem } from './hostFile.ts';

/** What is wrong with `ca_certificates`: each must hold certificates that OpenSSL reads, and no private key. */
export function certificateProblems(pems: readonly string[] = []): HostProblem[] {
  return pems.flatMap((pem, index) => {
    const message = problemOf(pem);
    return message === undefined ? [] : [{ field: `ca_certificates[${index}]`, message }];
  });
}

function problemOf(pem: string): string | undefined {
  const { certificates, others } = certificatesOf(pem);
  if (others.some((label) => label.includes('PRIVATE KEY'))) {
    return 'holds a private key: give the certificate alone, and take that key out of use.';
  }
  if (certificates.length === 0) {
    return 'holds no certificate: it must be PEM, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.';
  }
  const damaged = certificates.findIndex((certificate) => !readable(certificate));
  return damaged < 0
    ? undefined
    : `cannot be read as a certificate${certificates.length > 1 ? ` (the ${damaged + 1}. in it)` : ''}: it is damaged.`;
}

function readable(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== '';
  } catch {
    return false;
  }
}
