/**
 * The schema of the file that provisions a box, for editors: `node scripts/siteSchema.ts > image/site.schema.json`.
 * A test says so when that file is out of date.
 */
import { Site } from '../daemon/schema.ts';

export const SITE_SCHEMA = `${JSON.stringify(
  {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Walleye site file',
    ...Site,
  },
  undefined,
  2,
)}\n`;

if (import.meta.main) process.stdout.write(SITE_SCHEMA);
