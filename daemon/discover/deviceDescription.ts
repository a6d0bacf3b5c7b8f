/** UPnP device descriptions (UPnP Device Architecture 1.1, §2.3), and which of them are cameras. Pure and total. */
import { normaliseMac, printable } from './scopes.ts';
import { child, descendant, descendants, parseXml } from './xml.ts';

export interface DeviceDescription {
  readonly deviceType: string;
  readonly friendlyName: string | undefined;
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  readonly serial: string | undefined;
  /** From the serial number where that is one (Axis, Hikvision), `aa:bb:…`. */
  readonly mac: string | undefined;
  /** Device and service types of the whole tree, and the model's description. */
  readonly words: string;
}

/** Reads a description; undefined when there is no `<device>` in it. */
export function parseDescription(body: Uint8Array): DeviceDescription | undefined {
  const device = descendant(parseXml(new TextDecoder('utf-8').decode(body)), 'device');
  if (!device) return undefined;
  const text = (name: string): string | undefined => printable(child(device, name)?.text ?? '') || undefined;
  const serial = text('serialNumber');
  const types = ['deviceType', 'serviceType'].flatMap((name) => descendants(device, name).slice(0, 32));
  return {
    deviceType: text('deviceType') ?? '',
    friendlyName: text('friendlyName'),
    manufacturer: text('manufacturer'),
    model: text('modelName') ?? text('modelNumber'),
    serial,
    mac: normaliseMac(serial),
    words: [
      ...types.map((type) => type.text),
      text('modelDescription'),
      text('modelName'),
      text('modelNumber'),
    ]
      .filter((word) => word)
      .join(' '),
  };
}

/** Makers of little else than cameras and recorders. Sony, Panasonic, Samsung, LG are missing on purpose: televisions. */
const CAMERA_MAKERS =
  /\b(axis|hikvision|dahua|hanwha|wisenet|vivotek|mobotix|avigilon|pelco|reolink|uniview|amcrest|foscam|arecont|geovision|milesight|tiandy|ezviz|lorex|grandstream surveillance|bosch security)\b/i;
const CAMERA_WORDS =
  /onvif|digital ?security ?camera|(ip|network|net|web|dome|bullet|ptz|security|surveillance)[ _-]?cam(era)?|\bcamera\b|\b(nvr|dvr|ipc|ipcam|nvt)\b|video[ _-]?(server|encoder|recorder)|surveillance/i;
/** What these call themselves is not evidence: a router named "camera-lan", a phone's or a photo camera's media server. */
const NEVER_BY_NAME =
  /InternetGateway|WAN(Connection)?Device|WFADevice|MediaRenderer|MediaServer|Printer|:Dial/i;

/**
 * Is this SSDP device a camera or recorder? Most that answer are routers, televisions and printers.
 *
 * 1. ONVIF or DigitalSecurityCamera in the answer (ST, USN, SERVER) or in the types of its description: yes.
 * 2. A gateway, media player, media server or printer: no, whatever it calls itself.
 * 3. The manufacturer makes cameras (Axis announces itself as plain `Basic:1`): yes.
 * 4. Camera words ("network camera", "NVR", "IPC", …) in the answer, the model or the friendly name: yes.
 */
export function looksLikeCamera(answer: string, description: DeviceDescription | undefined): boolean {
  const typed = `${answer} ${description?.words ?? ''}`;
  if (/onvif|DigitalSecurityCamera/i.test(typed)) return true;
  if (NEVER_BY_NAME.test(typed)) return false;
  if (CAMERA_MAKERS.test(description?.manufacturer ?? '')) return true;
  return CAMERA_WORDS.test(`${typed} ${description?.friendlyName ?? ''}`);
}
