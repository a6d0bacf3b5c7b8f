/**
 * Texts in three languages. One JSON file a subject and language; keys are flat, plurals as i18next has them (`_one`,
 * `_other`). The English files are the types: a key that is not there does not compile, and a test compares the languages.
 */
import i18next, { type i18n } from 'i18next';
import type { Language } from '../../daemon/schema.ts';
import { chooseLanguage, LANGUAGES, language } from './language.ts';
import { setLanguage, startLanguage } from './languageChoice.ts';

export { chooseLanguage, LANGUAGES, language, setLanguage, startLanguage };

/** Filled by the files that register a subject (`declare module`). */
// biome-ignore lint/suspicious/noEmptyInterface: merged by declarations elsewhere
export interface Texts {}

type Base<Key> = Key extends `${infer Stem}_one` | `${infer Stem}_other` ? Stem : Key;
export type TextKey<Subject extends keyof Texts> = Base<keyof Texts[Subject] & string>;
export type Values = Record<string, string | number>;

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
  return (key, values = {}) => say(key, { ns: subject, lng: language.value, ...values });
}
