/** What a camera that joins by itself is called. Pure. */

/** Names that say nothing of this very camera; the make's own name is another one. */
const NOTHING_SAID =
  /^(ip[ _-]?cam(era)?|ipc(am)?|ipnc|(network|net|hd|onvif|video)[ _-]?(ip[ _-]?)?(cam(era)?|device)|cam(era)?|onvif|nvt|networkvideotransmitter|device|unknown|none|default|general|name)?$/i;
/** As long as a name may be that is typed; room is left for what makes it unique. */
const LONGEST = 100;

export interface Named {
  /** Of its scopes, percent-decoded. */
  readonly name: string | null;
  readonly address: string;
  readonly manufacturer: string | null;
  readonly model: string | null;
}

/**
 * `Front door`; `Dahua IPC-HDW4300S` where the name is only the make's; `Camera 192.168.1.20` where nothing is told. A
 * name that is taken gets its address behind it, which an installer has on his plan, and a number where that is taken too.
 */
export function foundName(device: Named, taken: (name: string) => boolean): string {
  const wish = readable(device).slice(0, LONGEST).trim();
  if (!taken(wish)) return wish;
  const place = wish.includes(device.address) ? wish : `${wish} ${device.address}`;
  if (!taken(place)) return place;
  for (let n = 2; ; n++) if (!taken(`${place} ${n}`)) return `${place} ${n}`;
}

function readable({ name, address, manufacturer, model }: Named): string {
  const said = (name ?? '').trim();
  const make = (manufacturer ?? '').trim();
  const kind = NOTHING_SAID.test((model ?? '').trim()) ? '' : (model ?? '').trim();
  const telling = !NOTHING_SAID.test(said) && said.toLowerCase() !== make.toLowerCase();
  if (telling) return said;
  if (kind === '') return `Camera ${address}`;
  return make === '' || kind.toLowerCase().startsWith(make.toLowerCase()) ? kind : `${make} ${kind}`;
}
