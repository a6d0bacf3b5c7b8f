/** Who made a camera, as credentials are remembered by it. Pure. */

/**
 * Names that makes give themselves, and their models where a camera tells only those before one has logged in
 * (Hikvision: `hardware/DS-2CD2042WD-I`, Dahua: `hardware/IPC-HDW4300S`).
 */
const MAKES: readonly (readonly [make: string, pattern: RegExp])[] = [
  ['hikvision', /hikvision|\bDS-[27][A-Z]/i],
  ['dahua', /dahua|\bDHI?-|\bIPC-H(D|F)/i],
  ['axis', /\baxis\b/i],
  ['reolink', /reolink|\bRLC-/i],
  ['tp-link', /tp-?link|\btapo\b|\bvigi\b/i],
  ['uniview', /uniview|\bUNV\b/i],
  ['hanwha', /hanwha|wisenet|samsung techwin/i],
  ['bosch', /\bbosch\b/i],
  ['panasonic', /panasonic|\bi-pro\b/i],
  ['vivotek', /vivotek/i],
  ['amcrest', /amcrest/i],
  ['foscam', /foscam/i],
  ['geovision', /geovision|\bGV-/i],
  ['mobotix', /mobotix/i],
  ['ubiquiti', /ubiquiti|\bunifi\b/i],
  ['tiandy', /tiandy/i],
  ['d-link', /\bd-?link\b/i],
  ['sony', /\bsony\b/i],
];

/** What is known of a device before anybody has logged in. */
export interface MakeFacts {
  readonly manufacturer: string | null;
  readonly hardware: string | null;
  readonly name: string | null;
}

/**
 * @param told the manufacturer that the device told over ONVIF to everybody, null when it wants a login first
 * @returns lower case; `Dahua Technology` and `Dahua` are one make. Null: not known.
 */
export function makeOf(told: string | null, { manufacturer, hardware, name }: MakeFacts): string | null {
  for (const text of [told, manufacturer]) {
    const make = text?.trim().toLowerCase();
    if (make) return known(make) ?? make;
  }
  return known(name ?? '') ?? known(hardware ?? '') ?? (hardware?.trim().toLowerCase() || null);
}

function known(text: string): string | undefined {
  return MAKES.find(([, pattern]) => pattern.test(text))?.[0];
}
