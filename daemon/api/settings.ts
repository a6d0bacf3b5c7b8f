import { Type } from 'typebox';
import { Settings, SettingsPatch } from '../schema.ts';
import { type App, described, failures } from './app.ts';
import { audit } from './audit.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';

const tags = ['settings'];
const PATH = '/api/settings';

const TimeZones = Type.Object({ zones: Type.Array(Type.String({ examples: ['Asia/Taipei'] })) });

/** What belongs to the box as a whole. Pages are told to read it again. */
export function settingsRoutes(app: App, deps: ApiDeps): void {
  const { store, cameras } = deps;

  app.get(
    PATH,
    {
      schema: {
        tags,
        summary: 'The box’s name, time zone, language, and what the wall shows beside the pictures',
        response: { 200: described(Settings, 'The settings'), ...failures(503) },
      },
    },
    async () => store.settings.settings(),
  );

  app.patch(
    PATH,
    {
      schema: {
        tags,
        summary: 'Change some of the settings',
        body: SettingsPatch,
        response: { 200: described(Settings, 'Changed and saved'), ...failures(400, 413, 415, 503) },
      },
    },
    async (request) => {
      const patch = { ...request.body };
      if (patch.time_zone !== undefined) patch.time_zone = timeZone(patch.time_zone);
      if (patch.name !== undefined) patch.name = name(patch.name);
      const settings = store.settings.patchSettings(patch);
      audit(deps, request, 'settings.change', null, Object.keys(patch).join(', '));
      deps.applySettings?.(settings);
      cameras.announce({ type: 'changed', what: 'settings' });
      return settings;
    },
  );

  app.get(
    '/api/time-zones',
    {
      // The first run asks before anybody can sign in, and the answer is the same on every computer.
      config: { access: 'public' },
      schema: {
        tags,
        summary: 'Names of time zones',
        response: { 200: described(TimeZones, 'IANA names'), ...failures() },
      },
    },
    async () => ({ zones: ZONES }),
  );
}

/** V8 leaves UTC out of its list. */
const ZONES = [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC'])];

/** As V8 writes it: `asia/taipei` is taken too. @throws ApiError 400 */
function timeZone(given: string): string {
  try {
    // Offsets (+08:00) are no names, and know no summer time.
    if (/^[A-Za-z]/.test(given))
      return new Intl.DateTimeFormat('en', { timeZone: given }).resolvedOptions().timeZone;
  } catch {
    // RangeError: it knows no such zone.
  }
  const message = `There is no time zone ${JSON.stringify(given)}. Use an IANA name such as Asia/Taipei or Europe/Berlin; GET /api/time-zones lists them.`;
  throw new ApiError(400, 'unknown_time_zone', message);
}

function name(given: string): string {
  const name = given.trim();
  if (name !== '') return name;
  throw new ApiError(
    400,
    'blank_name',
    'The name is blank. Call the box what people call it, such as “Gate 3”.',
  );
}
