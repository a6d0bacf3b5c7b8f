/** What ONVIF scopes say of a device. Pure and total. README, case 18. */

export interface ScopeFacts {
  readonly name: string | undefined;
  readonly hardware: string | undefined;
  readonly location: string | undefined;
  readonly manufacturer: string | undefined;
  /** `aa:bb:cc:dd:ee:ff` */
  readonly mac: string | undefined;
}

const MAX_TEXT = 256;

/** Reads `onvif://www.onvif.org/…` scopes; others (`ldap:…`, vendors') are passed over. */
export function readScopes(scopes: readonly string[]): ScopeFacts {
  const values = new Map<string, string[]>();
  for (const scope of scopes.slice(0, 64)) {
    const parts = /^onvif:\/\/[^/]*\/([^/]+)\/(.+)$/i.exec(scope.slice(0, 1024));
    const [key, value] = [parts?.[1]?.toLowerCase(), decodeScope(parts?.[2] ?? '')];
    if (!key || value === '') continue;
    const known = values.get(key);
    if (known) known.push(value);
    else values.set(key, [value]);
  }
  const first = (...keys: string[]): string | undefined =>
    keys.map((key) => values.get(key)?.[0]).find((value) => value !== undefined);
  return {
    name: first('name'),
    hardware: first('hardware'),
    // Hikvision and Dahua send several: location/country/china, location/city/hangzhou.
    location: values.get('location')?.join(', ').slice(0, MAX_TEXT),
    manufacturer: first('manufacturer', 'mfr'),
    mac: normaliseMac(first('mac', 'macaddr', 'macaddress')),
  };
}

/**
 * Percent-decoding with the raw text where that fails. `+` stays: go2rtc's QueryUnescape turns the name
 * `IPC+` into `IPC `.
 */
function decodeScope(text: string): string {
  let decoded = text;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    // Not valid percent-encoding (`50%`, GBK bytes): better the raw text than no name.
  }
  return printable(decoded);
}

/** Text from the network as it may be shown: no control characters, blanks folded, bounded. */
export function printable(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_TEXT);
}

/** `4CBD8F0A1B2C`, `4c-bd-…`, `4c:bd:…` → `4c:bd:8f:0a:1b:2c`; undefined when it is none, or all zero. */
export function normaliseMac(text: string | undefined): string | undefined {
  const digits = (text ?? '').replace(/[:.\-\s]/g, '').toLowerCase();
  if (!/^[0-9a-f]{12}$/.test(digits) || /^(0+|f+)$/.test(digits)) return undefined;
  return digits.match(/../g)?.join(':');
}
