/** IPv4 and IPv6 addresses in text, without a socket. Whatever parses here consists of hex digits, dots and colons. */

export interface IpAddress {
  family: 4 | 6;
  value: bigint;
}

export interface Cidr extends IpAddress {
  /** Bits, 0–32 or 0–128. */
  prefix: number;
}

/** Dotted decimals without leading zeros (which some read as octal), or RFC 4291 §2.2. No zone: `fe80::1%eth0` is refused. */
export function parseIp(text: string): IpAddress | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** `192.168.1.20/24`: an address and how long its prefix is. */
export function parseCidr(text: string): Cidr | undefined {
  const [, before = '', bits = ''] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const address = parseIp(before);
  const prefix = Number(bits);
  if (!address || prefix > width(address)) return undefined;
  return { ...address, prefix };
}

export function contains(network: Cidr, address: IpAddress): boolean {
  const host = BigInt(width(network) - network.prefix);
  return network.family === address.family && network.value >> host === address.value >> host;
}

/** Why no interface may have this address; undefined: it may. */
export function unusable(cidr: Cidr): string | undefined {
  const { family, value, prefix } = cidr;
  if (prefix === 0) return 'has a prefix of 0: it would be in the same network with everybody';
  if (family === 6) {
    if (value <= 1n) return 'is not an address that an interface may have';
    return value >> 120n === 0xffn ? 'is a multicast address' : undefined;
  }
  const first = Number(value >> 24n);
  if (first === 0 || first === 127) return 'is not an address that an interface may have';
  if (first >= 224) return 'is a multicast or reserved address';
  if (prefix > 30) return undefined;
  const hosts = (1n << BigInt(32 - prefix)) - 1n;
  if ((value & hosts) === 0n) return 'is the address of the network itself';
  return (value & hosts) === hosts ? 'is the broadcast address of its network' : undefined;
}

function width({ family }: IpAddress): number {
  return family === 4 ? 32 : 128;
}

function parseIpv4(text: string): IpAddress | undefined {
  const bytes = text.split('.');
  if (bytes.length !== 4 || !bytes.every((byte) => /^(0|[1-9]\d{0,2})$/.test(byte) && Number(byte) <= 255)) {
    return undefined;
  }
  return { family: 4, value: bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) };
}

function parseIpv6(text: string): IpAddress | undefined {
  if (text.length > 45) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = words(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 1 ? [] : words(halves[1] ?? '', true);
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return { family: 6, value: all.reduce((value, word) => (value << 16n) | BigInt(word), 0n) };
}

/** The 16-bit words of one side of `::`; the last of the last side may be an IPv4 address. */
function words(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const dotted = last && parts.at(-1)?.includes('.') ? parseIpv4(parts.pop() ?? '') : null;
  if (dotted === undefined || !parts.every((part) => /^[0-9a-fA-F]{1,4}$/.test(part))) return undefined;
  const numbers = parts.map((part) => Number.parseInt(part, 16));
  return dotted ? [...numbers, Number(dotted.value >> 16n), Number(dotted.value & 0xffffn)] : numbers;
}
