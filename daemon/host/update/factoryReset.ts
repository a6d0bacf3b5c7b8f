import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunCommand } from '../commands.ts';

/**
 * systemd's own vendor. systemd-repart 257 reads it in the initrd only (`parse_efi_variable_factory_reset()`): a boolean as text
 * in UTF-16. It then removes every partition with FactoryReset=yes, the variable with it, and makes them anew.
 */
const VARIABLE = 'FactoryReset-8cf2644b-4b0b-428f-9387-6d876050dc67';
/** Non-volatile, and to be seen by the firmware's services and the system: EFI_VARIABLE_… of the UEFI specification, 8.2. */
const ATTRIBUTES = 7;

/** What efivarfs wants: attributes, then the value with its zero. In one write. */
export function requestBytes(): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(ATTRIBUTES);
  return Buffer.concat([bytes, Buffer.from('yes\0', 'utf16le')]);
}

/**
 * Asks the next start of the machine for a factory reset.
 *
 * @param efiVariables /sys/firmware/efi/efivars
 * @returns undefined: it is asked for; else why not, as a sentence
 */
export async function requestReset(efiVariables: string, run: RunCommand): Promise<string | undefined> {
  const path = join(efiVariables, VARIABLE);
  const bytes = requestBytes();
  // efivarfs protects variables that are there (FS_IMMUTABLE_FL). Where there is none this fails, and need not work.
  await run(['chattr', '-i', path]);
  try {
    // Not emptied before: to write nothing means to remove it.
    const file = await open(path, constants.O_WRONLY | constants.O_CREAT, 0o644);
    try {
      await file.write(bytes);
    } finally {
      await file.close();
    }
    if ((await readFile(path)).equals(bytes)) return undefined;
    return 'The firmware did not keep the request for a factory reset.';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return (
      `The firmware takes no request for a factory reset (${code}). Hold a key down while the box starts, and choose ` +
      '“Factory reset” in the menu.'
    );
  }
}
