import { readFile } from 'node:fs/promises';
import { updateAddress } from '../updateSource.ts';
import { assignmentsOf } from './environment.ts';
import type { Places } from './places.ts';
import { isVersion } from './sysupdateOutput.ts';

/** The version of the image that runs. @throws where os-release names none: this is no image of ours */
export async function ownVersion({ osRelease }: Pick<Places, 'osRelease'>): Promise<string> {
  const version = assignmentsOf(await readFile(osRelease, 'utf8')).get('IMAGE_VERSION');
  if (isVersion(version)) return version;
  throw new Error(`${osRelease} names no IMAGE_VERSION: this is no image of Walleye`);
}

/** Where updates come from, as the site says; undefined: from a stick only. */
export async function siteSource({ settings }: Pick<Places, 'settings'>): Promise<string | undefined> {
  const text = await readFile(settings.update, 'utf8').catch(() => '');
  const source = assignmentsOf(text).get('WALLEYE_UPDATE_SOURCE');
  return source === undefined || source === '' ? undefined : updateAddress(source);
}

/** Seconds that a new version has to show what the old one showed. Not in update.env: a site file writes that one anew. */
export async function healthLimit({ settings }: Pick<Places, 'settings'>): Promise<string | undefined> {
  const text = await readFile(settings.health, 'utf8').catch(() => '');
  return assignmentsOf(text).get('WALLEYE_HEALTH_LIMIT');
}
