import os from 'node:os';

/** Milliseconds. A box that got a new address by DHCP answers by it after so long. */
const REFRESH = 5_000;

/**
 * The names that this machine is reached by, besides loopback ones: its addresses of the moment, its host name with and
 * without `.local` (mDNS), and what the site says. IPv6 addresses in brackets, as in a Host header.
 *
 * An address cannot be rebound to another machine by DNS, and the host name is not of a foreign page's making.
 */
export class OwnNames {
  readonly #extra: readonly string[];
  #names = new Set<string>();
  #read = Number.NEGATIVE_INFINITY;

  /** @param extra `WALLEYE_ALLOWED_HOSTS` */
  constructor(extra: readonly string[] = []) {
    this.#extra = extra.map((name) => name.toLowerCase());
  }

  /** @param name lower case, without a port */
  has(name: string): boolean {
    if (performance.now() - this.#read > REFRESH) {
      this.#names = new Set(this.list().map((one) => (one.includes(':') ? `[${one}]` : one)));
      this.#read = performance.now();
    }
    return this.#names.has(name);
  }

  /** All of them, as of now; for certificates. */
  list(): string[] {
    const hostname = os.hostname().toLowerCase();
    const addresses = Object.values(os.networkInterfaces()).flatMap((infos) =>
      (infos ?? []).map(({ address }) => address.toLowerCase()),
    );
    const local = hostname.includes('.') ? [hostname] : [hostname, `${hostname}.local`];
    return [...local, ...this.#extra, ...addresses];
  }
}
