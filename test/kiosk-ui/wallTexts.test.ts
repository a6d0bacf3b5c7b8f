import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { LANGUAGES } from '../../kiosk-ui/i18n/language.ts';
import { say } from '../../kiosk-ui/i18n/wallTexts.ts';

const texts = (code: string): Record<string, string> =>
  JSON.parse(
    readFileSync(new URL(`../../kiosk-ui/i18n/${code}/wall.json`, import.meta.url), 'utf8'),
  ) as Record<string, string>;
const values = (text: string | undefined) =>
  [...(text ?? '').matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]).sort();

describe('the wall’s texts', () => {
  it('are there in every language, with the same values in them', () => {
    const english = texts('en');
    for (const { code } of LANGUAGES) {
      const own = texts(code);
      assert.deepEqual(Object.keys(own).sort(), Object.keys(english).sort(), code);
      for (const [key, text] of Object.entries(own)) {
        assert.notEqual(text.trim(), '', `${code} ${key}`);
        assert.deepEqual(values(text), values(english[key]), `${code} ${key}`);
      }
    }
  });
});

describe('say', () => {
  it('puts values into the text, whatever they contain', () => {
    assert.equal(
      say('problemGone', { name: 'A $& {{time}}', time: '14:02' }),
      'A $& {{time}}: offline since 14:02',
    );
  });

  it('speaks another language where that is asked for', () => {
    assert.equal(say('offline', {}, 'zh-CN'), '离线');
  });
});
