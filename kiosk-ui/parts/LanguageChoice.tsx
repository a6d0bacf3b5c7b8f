import type { Language } from '../../daemon/schema.ts';
import { LANGUAGES, language, setLanguage, texts } from '../i18n/i18n.ts';

/** Each language by its own name, so that whoever sees the wrong one finds his. */
export function LanguageChoice() {
  const t = texts('common');
  return (
    <select
      class="language"
      aria-label={t('language')}
      value={language.value}
      onChange={(event) => setLanguage(event.currentTarget.value as Language)}
    >
      {LANGUAGES.map(({ code, name }) => (
        <option key={code} value={code} lang={code}>
          {name}
        </option>
      ))}
    </select>
  );
}
