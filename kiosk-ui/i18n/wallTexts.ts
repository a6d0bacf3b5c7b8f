/**
 * The wall’s words. The same JSON files as the admin page’s, but read without i18next: that is 13.6 kB of the wall’s
 * 40 kB of script, for what is one rule here: `{{value}}` is replaced.
 */
import type { Language } from '../../daemon/schema.ts';
import en from './en/wall.json' with { type: 'json' };
import { language } from './language.ts';
import cn from './zh-CN/wall.json' with { type: 'json' };
import tw from './zh-TW/wall.json' with { type: 'json' };

export type WallText = keyof typeof en;

const TEXTS: Record<Language, Record<WallText, string>> = { en, 'zh-TW': tw, 'zh-CN': cn };

/** The text in the language in use, or in another one. Components that call it are drawn anew when the language changes. */
export function say(
  key: WallText,
  values: Record<string, string | number> = {},
  code: Language = language.value,
): string {
  return TEXTS[code][key].replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name] ?? ''));
}
