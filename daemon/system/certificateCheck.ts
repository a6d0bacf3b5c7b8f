/** Certificates and keys as people bring them. Pure: PEM in, a pair that can be served or a sentence out. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';

/** A certificate, the chain behind it, and its key: PEM as node:tls takes them. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
  /** Of the first one. */
  readonly leaf: X509Certificate;
}

export interface Fault {
  readonly code:
    | 'invalid_certificate'
    | 'invalid_key'
    | 'encrypted_key'
    | 'weak_key'
    | 'key_mismatch'
    | 'chain_order'
    | 'certificate_expired'
    | 'certificate_not_yet_valid';
  /** What is wrong and what to do. Never quotes what was given. */
  readonly message: string;
}

const MOST_CERTIFICATES = 10;
/** CA/Browser Forum Baseline Requirements 6.1.5: browsers refuse less. */
const LEAST_RSA_BITS = 2048;
const CURVES = ['prime256v1', 'secp384r1', 'secp521r1'];

/** @param now Unix milliseconds; undefined: the dates do not matter */
export function checkPair(cert: string, key: string, now: number | undefined): Pair | Fault {
  const chain = readChain(cert);
  if ('code' in chain) return chain;
  const privateKey = readKey(key);
  if ('code' in privateKey) return privateKey;
  const leaf = chain.certificates[0]!;
  const fault =
    keyFault(chain.certificates, privateKey) ??
    chainFault(chain.certificates) ??
    (now === undefined ? undefined : dateFault(chain.certificates, now));
  if (fault) return fault;
  const pair = {
    cert: chain.certificates.map((one) => one.toString()).join(''),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    leaf,
  };
  try {
    createSecureContext(pair);
  } catch (error) {
    return {
      code: 'invalid_certificate',
      message: `TLS cannot use this certificate: ${(error as Error).message}.`,
    };
  }
  return pair;
}

function readChain(text: string): { certificates: X509Certificate[] } | Fault {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? [];
  const invalid = (message: string): Fault => ({ code: 'invalid_certificate', message });
  if (blocks.length === 0)
    return invalid(
      'This is no certificate in PEM: it must hold a block that begins with -----BEGIN CERTIFICATE-----.',
    );
  if (blocks.length > MOST_CERTIFICATES)
    return invalid(`A chain has at most ${MOST_CERTIFICATES} certificates.`);
  const certificates: X509Certificate[] = [];
  for (const [index, block] of blocks.entries()) {
    try {
      certificates.push(new X509Certificate(block));
    } catch {
      return invalid(`Certificate ${index + 1} of ${blocks.length} is damaged: copy the file again, whole.`);
    }
  }
  return { certificates };
}

function readKey(text: string): KeyObject | Fault {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: *4,ENCRYPTED/.test(text)) {
    const message =
      'The private key is encrypted: take the passphrase off with openssl pkey -in KEY -out PLAIN-KEY.';
    return { code: 'encrypted_key', message };
  }
  const block =
    /-----BEGIN (?:RSA |EC )?PRIVATE KEY-----[A-Za-z0-9+/=\s]+-----END (?:RSA |EC )?PRIVATE KEY-----/.exec(
      text,
    )?.[0];
  try {
    if (block !== undefined) return createPrivateKey(block);
  } catch {
    return { code: 'invalid_key', message: 'The private key is damaged: copy the file again, whole.' };
  }
  const message =
    'This is no private key in PEM: it must hold a block that begins with -----BEGIN PRIVATE KEY-----.';
  return { code: 'invalid_key', message };
}

function keyFault(chain: readonly X509Certificate[], key: KeyObject): Fault | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  const strong =
    type === 'rsa'
      ? (details?.modulusLength ?? 0) >= LEAST_RSA_BITS
      : type === 'ec' && CURVES.includes(details?.namedCurve ?? '');
  if (!strong) {
    const message = `Browsers do not accept this kind of key: use RSA with ${LEAST_RSA_BITS} bits or more, or ECDSA with P-256 or P-384.`;
    return { code: 'weak_key', message };
  }
  const at = chain.findIndex((one) => one.checkPrivateKey(key));
  if (at === 0) return undefined;
  return at < 0
    ? {
        code: 'key_mismatch',
        message: 'The private key does not belong to this certificate: look for the right pair.',
      }
    : {
        code: 'chain_order',
        message: `The box’s own certificate must come first; it is certificate ${at + 1} here.`,
      };
}

function chainFault(chain: readonly X509Certificate[]): Fault | undefined {
  for (const [index, issuer] of chain.slice(1).entries()) {
    const certificate = chain[index]!;
    if (certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)) continue;
    const message = `Certificate ${index + 2} did not sign certificate ${index + 1}: put each behind the one that it signed.`;
    return { code: 'chain_order', message };
  }
  return undefined;
}

function dateFault(chain: readonly X509Certificate[], now: number): Fault | undefined {
  for (const { validFromDate, validToDate } of chain) {
    const day = (date: Date) => date.toISOString().slice(0, 10);
    if (validToDate.getTime() <= now)
      return {
        code: 'certificate_expired',
        message: `The certificate expired on ${day(validToDate)}: get a new one, and check the box’s clock.`,
      };
    if (validFromDate.getTime() > now)
      return {
        code: 'certificate_not_yet_valid',
        message: `The certificate is valid from ${day(validFromDate)} on: check the box’s clock.`,
      };
  }
  return undefined;
}

/** DNS names and addresses that a certificate is for, as browsers compare them. */
export function namesOf(leaf: X509Certificate): string[] {
  return (leaf.subjectAltName ?? '')
    .split(', ')
    .map((name) => /^(?:DNS|IP Address):(.+)$/.exec(name)?.[1])
    .filter((name) => name !== undefined);
}
