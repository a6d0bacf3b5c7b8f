/** Bytes from a stick that somebody wrote on some computer. Pure. */
import { jsonFault } from './jsonFault.ts';

export type Read<T> = { value: T } | { problem: string };

/** UTF-8 with or without its mark; line ends become `\n`. Anything else is named, so that it can be saved again. */
export function readText(bytes: Uint8Array): Read<string> {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return { problem: 'is UTF-16: save it as UTF-8' };
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { problem: 'is not UTF-8: save it as UTF-8' };
  }
  if (text.includes('\0')) return { problem: 'is not text' };
  return { value: text.replaceAll('\r\n', '\n') };
}

export function readJson(text: string): Read<unknown> {
  const fault = jsonFault(text);
  if (fault)
    return { problem: `is not JSON: line ${fault.line}, column ${fault.column} must have ${fault.expected}` };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { problem: 'is not JSON' };
  }
}
