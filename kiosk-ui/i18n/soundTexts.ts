/** Why a camera is silent that somebody listens to; loaded with what plays sound. */
import type { Language } from '../../daemon/schema.ts';
import en from './en/sound.json' with { type: 'json' };
import { language } from './language.ts';
import cn from './zh-CN/sound.json' with { type: 'json' };
import tw from './zh-TW/sound.json' with { type: 'json' };

const TEXTS: Record<Language, Record<string, string>> = { en, 'zh-TW': tw, 'zh-CN': cn };

/** Empty where there is nothing to say. */
export function whySilent(state: string): string {
  return TEXTS[language.value][state] ?? '';
}
