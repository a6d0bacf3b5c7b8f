/** The wall’s words: one small file, since the wall’s page runs on an Atom. */
import en from './en/wall.json';
import { register } from './i18n.ts';
import cn from './zh-CN/wall.json';
import tw from './zh-TW/wall.json';

declare module './i18n.ts' {
  interface Texts {
    wall: typeof en;
  }
}

register('wall', { en, 'zh-TW': tw, 'zh-CN': cn });
