/** What the boot loader finds in the image's unified kernel image. Builds the image: needs root. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { type Section, sectionsOf } from './portableExecutable.ts';
import { testImage } from './testImage.ts';

const skip = process.env.CI !== 'true' && process.getuid?.() !== 0 && 'needs root, to build the image with';

describe('the kernel of the image', { skip }, () => {
  /** Each begins with its section `.profile`, but the first: that is the system's, and its sections hold for all. */
  const profiles: Section[][] = [[]];
  const text = (profile: number, name: string) =>
    [...(profiles[0] ?? []), ...(profiles[profile] ?? [])]
      .findLast((section) => section.name === name)
      ?.data.toString() ?? '';

  before(async () => {
    const { folder, version } = await testImage();
    for (const section of sectionsOf(readFileSync(join(folder, `walleye_${version}.efi`)))) {
      if (section.name === '.profile' && profiles.at(-1)?.some(({ name }) => name === '.profile'))
        profiles.push([]);
      profiles.at(-1)?.push(section);
    }
  });

  it('starts the system, or a factory reset', () => {
    assert.equal(profiles.length, 2);
    assert.doesNotMatch(text(0, '.cmdline'), /factory_reset/);
    assert.match(text(1, '.profile'), /^ID="?factory-reset"?$/m);
    assert.match(text(1, '.cmdline'), /\bsystemd\.factory_reset=yes\b/);
  });

  it('is called by our name in the boot menu', () => {
    for (const profile of [0, 1]) assert.match(text(profile, '.osrel'), /^PRETTY_NAME="?Walleye/m);
  });

  it('has the factory reset behind every system in the order of systemd-boot, which starts the first', () => {
    const sortKey = (profile: number) => /^IMAGE_ID="?([^"\n]*)"?$/m.exec(text(profile, '.osrel'))?.[1] ?? '';
    assert.equal(sortKey(0), 'walleye');
    // The sort key is compared before the version and the file's name; of a kernel that is still counted, systemd-boot
    // 257 compares the profile's name with its counter, and the system's without.
    assert.ok(sortKey(1) > sortKey(0), `${sortKey(1)} is started before ${sortKey(0)}`);
  });
});
