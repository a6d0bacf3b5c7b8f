/** Every text in every language: no key is missing, none is left over, and each says the same values. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const ROOT = join(import.meta.dirname, '../../kiosk-ui');
const TEXTS = join(ROOT, 'i18n');
const LANGUAGES = ['en', 'zh-TW', 'zh-CN'] as const;
/** The plural forms that the languages have (CLDR). */
const FORMS: Record<string, string[]> = { en: ['one', 'other'], 'zh-TW': ['other'], 'zh-CN': ['other'] };

const subjects = readdirSync(join(TEXTS, 'en')).map((file) => file.replace(/\.json$/, ''));
const read = (language: string, subject: string): Record<string, string> =>
  JSON.parse(readFileSync(join(TEXTS, language, `${subject}.json`), 'utf8'));

const stem = (key: string) => key.replace(/_(one|other)$/, '');
const values = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

/** Keys that English has in two forms. */
function plurals(subject: string): Set<string> {
  const keys = Object.keys(read('en', subject));
  return new Set(
    keys
      .filter((key) => key.endsWith('_one'))
      .map(stem)
      .filter((key) => keys.includes(`${key}_other`)),
  );
}

describe('texts', () => {
  it('exist for the same subjects in every language', () => {
    for (const language of LANGUAGES)
      assert.deepEqual(readdirSync(join(TEXTS, language)).sort(), readdirSync(join(TEXTS, 'en')).sort());
  });

  for (const subject of subjects) {
    const counted = plurals(subject);
    const expected = new Set(
      Object.keys(read('en', subject)).map((key) => (counted.has(stem(key)) ? stem(key) : key)),
    );
    for (const language of LANGUAGES) {
      const texts = read(language, subject);

      it(`${language} ${subject}: no key is missing and none is left over`, () => {
        const wanted = [...expected].flatMap((key) =>
          counted.has(key) ? FORMS[language]!.map((form) => `${key}_${form}`) : [key],
        );
        assert.deepEqual(Object.keys(texts).sort(), wanted.sort());
      });

      it(`${language} ${subject}: nothing is empty, and each text names the values that English names`, () => {
        const english = read('en', subject);
        for (const [key, text] of Object.entries(texts)) {
          assert.notEqual(text.trim(), '', key);
          const model = english[key] ?? english[`${stem(key)}_other`] ?? '';
          // A singular may leave the number out.
          const said = values(text).filter((name) => name !== 'count');
          assert.deepEqual(
            said,
            values(model).filter((name) => name !== 'count'),
            `${key}: ${text}`,
          );
        }
      });
    }

    it(`${subject}: what is Chinese is not English`, () => {
      const english = read('en', subject);
      const same = Object.entries(read('zh-TW', subject)).filter(
        ([key, text]) => english[key] === text && /[a-z]{4}/i.test(text.replace(/\{\{\w+\}\}/g, '')),
      );
      assert.deepEqual(
        same.filter(([, text]) => !NAMES.has(text)),
        [],
      );
    });
  }

  it('are the only words in the pages', () => {
    const faults = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.tsx') && !path.startsWith('dist'))
      .flatMap((path) =>
        [...readFileSync(join(ROOT, path), 'utf8').matchAll(/>\s*([A-Z][a-z]+(?: [a-z]+)+)[^<{]*</g)].map(
          ([, words]) => `${path}: ${words}`,
        ),
      );
    assert.deepEqual(faults, [], 'words of a page stand in kiosk-ui/i18n');
  });
});

/** The same in every language. */
const NAMES = new Set(['Walleye', '{{fps}} fps']);
