import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Compile } from 'typebox/compile';
import { hostProblems } from '../../daemon/host/hostCheck.ts';
import { Site } from '../../daemon/schema.ts';
import { SITE_SCHEMA } from '../../scripts/siteSchema.ts';

const image = (name: string) => readFileSync(join(import.meta.dirname, '../../image', name), 'utf8');

describe('the published schema of the site file', () => {
  it('is that of the daemon', () => {
    assert.equal(
      image('site.schema.json'),
      SITE_SCHEMA,
      'out of date: node scripts/siteSchema.ts > image/site.schema.json',
    );
  });

  it('needs nothing but itself', () => {
    assert.doesNotMatch(SITE_SCHEMA, /"\$ref"/);
  });
});

describe('the example of a site file', () => {
  const example: unknown = JSON.parse(image('site.example.json'));

  it('has the form of the schema, and nothing to be said against its host', () => {
    const site = Compile(Site);
    assert.deepEqual(site.Errors(example), []);
    assert.ok(site.Check(example) && example.host);
    assert.deepEqual(hostProblems(example.host), []);
  });
});
