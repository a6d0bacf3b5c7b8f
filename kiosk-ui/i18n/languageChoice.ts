/** The language that was chosen in this browser. */
import type { Language } from '../../daemon/schema.ts';
import { chooseLanguage, language } from './language.ts';

const KEPT = 'walleye.language';

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
  language.value = code;
  document.documentElement.lang = code;
}
