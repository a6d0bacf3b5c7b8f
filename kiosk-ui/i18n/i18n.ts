/**
 * Texts in three languages. One JSON file a subject and language; keys are flat, plurals as i18next has them (`_one`,
 * `_other`). The English files are the types: a key that is not there does not compile, and a test compares the languages.
 */
import { signal } from '@preact/signals';
import i18next, { type i18n } from 'i18next';
import type { Language } from '../../daemon/schema.ts';

export const LANGUAGES: readonly { code: Language; name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'zh-TW', name: '繁體中文' },
  { code: 'zh-CN', name: '简体中文' },
];

/** Filled by the files that register a subject (`declare module`). */
// biome-ignore lint/suspicious/noEmptyInterface: merged by declarations elsewhere
export interface Texts {}

type Base<Key> = Key extends `${infer Stem}_one` | `${infer Stem}_other` ? Stem : Key;
export type TextKey<Subject extends keyof Texts> = Base<keyof Texts[Subject] & string>;
export type Values = Record<string, string | number>;

const KEPT = 'walleye.language';
const active = signal<Language>('en');
const engine: i18n = i18next.createInstance();
void engine.init({
  lng: 'en',
  fallbackLng: 'en',
  keySeparator: false,
  nsSeparator: false,
  // Preact escapes.
  interpolation: { escapeValue: false },
  initAsync: false,
  resources: {},
});

/** i18next’s own types follow a global declaration of all keys; ours are told by the subject. */
const say = engine.t as unknown as (key: string, options: Record<string, unknown>) => string;

/** Adds the texts of one subject. */
export function register(subject: keyof Texts, texts: Record<Language, Record<string, string>>): void {
  for (const { code } of LANGUAGES) engine.addResourceBundle(code, subject, texts[code]);
}

/** The words of one subject. Components that call it are drawn anew when the language changes. */
export function texts<Subject extends keyof Texts>(
  subject: Subject,
): (key: TextKey<Subject>, values?: Values) => string {
  return (key, values = {}) => say(key, { ns: subject, lng: active.value, ...values });
}

/** The language in use, as a tag for `Intl` and for `<html lang>`. */
export const language = active;

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

/** Chooses for the first time, or again when the box’s own language has become known. */
export function startLanguage(box: Language | null = null): void {
  apply(chooseLanguage(kept(), box, navigator.languages));
}

/** What the user chose, kept in this browser. */
export function setLanguage(code: Language): void {
  try {
    localStorage.setItem(KEPT, code);
  } catch {
    // Private windows refuse; the choice then lasts as long as the page.
  }
  apply(code);
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function apply(code: Language): void {
  active.value = code;
  document.documentElement.lang = code;
}
