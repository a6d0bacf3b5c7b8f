import { realpath, stat } from 'node:fs/promises';
import { IngestError } from '../ingestError.ts';

/** The device that a name stands for now. @throws IngestError */
export async function videoDevice(path: string): Promise<string> {
  const device = await realpath(path).catch(() => undefined);
  const status = device && (await stat(device).catch(() => undefined));
  if (!device || !status)
    throw new IngestError('unreachable', 'no such camera is plugged in', { place: path });
  if (!status.isCharacterDevice() || !/^\/dev\/video\d+$/.test(device))
    throw new IngestError('unsupported', 'that is no video device', { place: path });
  return device;
}
