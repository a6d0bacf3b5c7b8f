/** Which language the pages speak. Apart from the texts: the wall has them without a library. */
import { signal } from '@preact/signals';
import type { Language } from '../../daemon/schema.ts';

export const LANGUAGES: readonly { code: Language; name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'zh-TW', name: '繁體中文' },
  { code: 'zh-CN', name: '简体中文' },
];

/** The language in use, as a tag for `Intl` and for `<html lang>`. */
export const language = signal<Language>('en');

/**
 * What to speak: what this browser was told, else what the box was told, else what the browser prefers. Traditional
 * characters for Taiwan, Hong Kong and Macao and for `Hant`, simplified ones for all other Chinese.
 */
export function chooseLanguage(
  kept: string | null,
  box: Language | null,
  preferred: readonly string[],
): Language {
  const known = LANGUAGES.find(({ code }) => code === kept)?.code;
  if (known) return known;
  if (box) return box;
  for (const tag of preferred) {
    if (/^zh\b/i.test(tag)) return /hant|-(tw|hk|mo)\b/i.test(tag) ? 'zh-TW' : 'zh-CN';
    if (/^en\b/i.test(tag)) return 'en';
  }
  return 'en';
}
