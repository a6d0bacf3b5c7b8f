/** Which addresses of other networks are asked one by one. Pure. README, case 21. */
import { parseIpv4 } from './ipv4.ts';

export interface OtherAddresses {
  /** All of them, without repetition, in the order in which they were named. */
  readonly addresses: readonly string[];
  /** Those that were named alone: there is a camera, somebody says. */
  readonly alone: readonly string[];
}

/** Four networks of the usual size: asked three times, a thousand datagrams a second pass any router. */
export const MOST_ADDRESSES = 1024;
const EXAMPLE = 'such as 192.168.20.0/24 or 192.168.20.17';

/**
 * @param texts addresses (`192.168.20.17`) and networks (`192.168.20.0/24`, RFC 4632), of which the first and the last address are
 * nobody's unless there are no others
 * @returns a sentence where one of them is neither, or they are too many
 */
export function otherAddresses(texts: readonly string[]): OtherAddresses | string {
  const addresses = new Set<string>();
  const alone: string[] = [];
  for (const text of texts) {
    const [address = '', bits, ...more] = text.trim().split('/');
    const start = parseIpv4(address);
    const prefix = bits === undefined ? 32 : /^\d{1,2}$/.test(bits) ? Number(bits) : 33;
    if (start === undefined || prefix > 32 || more.length > 0)
      return `${JSON.stringify(text)} is no IPv4 address or network, ${EXAMPLE}.`;
    const size = 2 ** (32 - prefix);
    const first = start - (start % size);
    // 0.0.0.0/8 is this network, and from 224.0.0.0 on there are groups (RFC 6890).
    if (first < 2 ** 24 || first + size > 224 * 2 ** 24) return `${text} holds addresses that no camera has.`;
    const tooMany = `${texts.join(', ')}: more than ${MOST_ADDRESSES} addresses. Search one /22 or four /24 at a time.`;
    if (size > MOST_ADDRESSES) return tooMany;
    const edge = size > 2 ? 1 : 0;
    for (let at = first + edge; at < first + size - edge; at++) addresses.add(dotted(at));
    if (addresses.size > MOST_ADDRESSES) return tooMany;
    if (size === 1) alone.push(dotted(start));
  }
  return { addresses: [...addresses], alone: [...new Set(alone)] };
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}
