/**
 * Changes a camera's video encoder and clock over ONVIF, and reads back what became of it. Runs in a thread of
 * onvifThread.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { child, descendant, parseXml } from '../discover/xml.ts';
import { choose, differs, type EncoderOutcome, type EncoderWish } from './encoderChoice.ts';
import { readOptions } from './onvifEncoderOptions.ts';
import {
  type EncoderConfiguration,
  type EncoderSettings,
  readConfiguration,
  settingsOf,
  writeConfiguration,
} from './onvifEncoderXml.ts';
import { OnvifError } from './onvifError.ts';
import { allProfiles, optional } from './onvifServices.ts';
import type { OnvifSession } from './onvifSession.ts';
import { escapeXml } from './onvifText.ts';

/** A camera that restarts its encoder tells the old values for a while: so often, and so long between (ms), it is asked. */
const LOOKS = 4;
const BETWEEN = 700;

/**
 * @param profile token of the profile whose encoder is meant
 * @throws OnvifError; `fault` with the camera's own words where it refuses the change
 */
export async function setEncoder(
  session: OnvifSession,
  profile: string,
  wish: EncoderWish,
): Promise<EncoderOutcome> {
  const all = await configurations(session, profile);
  const [first] = all;
  if (!first)
    throw new OnvifError('fault', 'The camera has no encoder settings for this stream', session.place);
  if ((wish.fit || wish.h264) && first.users.length > 1)
    throw new OnvifError(
      'fault',
      'The camera uses the same settings for several streams: another size or codec would change all of them',
      session.place,
    );
  let failure: unknown;
  // Media2 where Media1 refuses: some firmwares list settings there that they do not change.
  for (const configuration of all) {
    const choice = choose(configuration, await optionsOf(session, configuration, profile), wish);
    const before = settingsOf(configuration);
    const unmet = [...choice.unmet];
    if (!differs(configuration, choice.configuration)) return { before, after: before, unmet };
    try {
      await session.send(
        'SetVideoEncoderConfiguration',
        configuration.service,
        writeConfiguration(choice.configuration),
      );
    } catch (error) {
      if (!(error instanceof OnvifError) || error.code !== 'fault') throw error;
      failure ??= error;
      continue;
    }
    const after = await readBack(session, profile, configuration.service, settingsOf(choice.configuration));
    return { before, after, unmet };
  }
  throw failure;
}

/** The profile's configurations in both services, the one that knows its codec first. */
async function configurations(session: OnvifSession, profile: string): Promise<EncoderConfiguration[]> {
  const { answers, media2 } = await allProfiles(session);
  session.keepLogin();
  const found = answers.flatMap(({ service, xml }) => readConfiguration(xml, service, profile) ?? []);
  const preferred = media2.has(profile) ? 'media2' : 'media';
  return found.sort((a, b) => Number(b.service === preferred) - Number(a.service === preferred));
}

async function optionsOf(session: OnvifSession, { service, token }: EncoderConfiguration, profile: string) {
  const namespace = `http://www.onvif.org/${service === 'media' ? 'ver10' : 'ver20'}/media/wsdl`;
  const call =
    `<GetVideoEncoderConfigurationOptions xmlns="${namespace}">` +
    `<ConfigurationToken>${escapeXml(token)}</ConfigurationToken>` +
    `<ProfileToken>${escapeXml(profile)}</ProfileToken></GetVideoEncoderConfigurationOptions>`;
  const read = async () =>
    readOptions(await session.send('GetVideoEncoderConfigurationOptions', service, call), service);
  return optional(read, []);
}

async function readBack(
  session: OnvifSession,
  profile: string,
  service: EncoderConfiguration['service'],
  wanted: EncoderSettings,
): Promise<EncoderSettings> {
  for (let look = 1; ; look += 1) {
    const all = await configurations(session, profile).catch((error: unknown) => {
      if (!(error instanceof OnvifError) || error.code === 'refused') throw error;
      // Cameras that restart for a new setting do not answer meanwhile.
      if (look < LOOKS) return [];
      const message = 'The camera took the change and has not answered since. Measure it again in a minute';
      throw new OnvifError('fault', message, session.place, { cause: error });
    });
    const now = all.find((one) => one.service === service);
    const settings = now && settingsOf(now);
    const arrived =
      settings &&
      (Object.keys(wanted) as (keyof EncoderSettings)[]).every((key) => settings[key] === wanted[key]);
    if (settings && (arrived || look >= LOOKS)) return settings;
    if (look >= LOOKS)
      throw new OnvifError('fault', 'The camera does not tell its settings after the change', session.place);
    await sleep(BETWEEN);
  }
}

/**
 * Sets the camera's clock by ours, to UTC and by hand; its time zone and daylight saving stay as they are.
 * @throws OnvifError
 */
export async function setClock(
  session: OnvifSession,
): Promise<{ before: number | null; after: number | null }> {
  // A call that needs the login, so that one way of logging in is known to work before the clock changes.
  await session.send(
    'GetDeviceInformation',
    undefined,
    '<GetDeviceInformation xmlns="http://www.onvif.org/ver10/device/wsdl"/>',
  );
  const before = session.clockSkew ?? null;
  const answer = descendant(
    parseXml(
      await session.send(
        'GetSystemDateAndTime',
        undefined,
        '<GetSystemDateAndTime xmlns="http://www.onvif.org/ver10/device/wsdl"/>',
      ),
    ),
    'SystemDateAndTime',
  );
  const summer = child(answer, 'DaylightSavings')?.text.toLowerCase() === 'true';
  const zone = child(child(answer, 'TimeZone'), 'TZ')?.text;
  const now = new Date();
  const tt = 'xmlns="http://www.onvif.org/ver10/schema"';
  await session.send(
    'SetSystemDateAndTime',
    undefined,
    '<SetSystemDateAndTime xmlns="http://www.onvif.org/ver10/device/wsdl"><DateTimeType>Manual</DateTimeType>' +
      `<DaylightSavings>${summer}</DaylightSavings>` +
      (zone ? `<TimeZone><TZ ${tt}>${escapeXml(zone)}</TZ></TimeZone>` : '') +
      `<UTCDateTime><Time ${tt}><Hour>${now.getUTCHours()}</Hour><Minute>${now.getUTCMinutes()}</Minute>` +
      `<Second>${now.getUTCSeconds()}</Second></Time><Date ${tt}><Year>${now.getUTCFullYear()}</Year>` +
      `<Month>${now.getUTCMonth() + 1}</Month><Day>${now.getUTCDate()}</Day></Date></UTCDateTime>` +
      '</SetSystemDateAndTime>',
  );
  // The clock that tokens are made by is another one now.
  await session.contact();
  return { before, after: session.clockSkew ?? null };
}
