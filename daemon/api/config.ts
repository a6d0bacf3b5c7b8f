import { type Static, Type } from 'typebox';
import { Name, StreamAdd, StreamsConfig } from '../schema.ts';
import { type App, described, failures } from './app.ts';
import { audit } from './audit.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';
import { validator } from './validation.ts';

/** What became of each stream of a configuration. */
export const ConfigResult = Type.Object({
  total: Type.Integer({ description: 'Streams in the request' }),
  added: Type.Array(Name),
  updated: Type.Array(Name),
  failed: Type.Array(Type.Object({ name: Type.String(), code: Type.String(), message: Type.String() })),
});
export type ConfigResult = Static<typeof ConfigResult>;

/** The list only: each entry is looked at by itself, so that one wrong line of a config.json costs one stream. */
const envelope = validator(
  Type.Object({ streams: Type.Array(Type.Unknown(), { maxItems: 1000 }) }, { additionalProperties: true }),
  'body',
);
const entry = validator(StreamAdd, 'body');

/** `POST /api/config/streams`: the reference server's config.json in one request. */
export function configRoutes(app: App, deps: ApiDeps): void {
  app.post(
    '/api/config/streams',
    {
      validatorCompiler: () => (value) => {
        const result = envelope(value);
        return result.ok
          ? { value: result.value }
          : { error: new ApiError(400, result.code, result.message) };
      },
      schema: {
        tags: ['streams'],
        summary: 'Add or update many streams',
        description: 'Each stream is added or updated whole, or fails by itself; the others are not held up.',
        body: StreamsConfig,
        response: { 200: described(ConfigResult, 'What became of each'), ...failures(400, 413, 415) },
      },
    },
    async (request) => {
      const entries: unknown[] = request.body.streams;
      const result: ConfigResult = { total: entries.length, added: [], updated: [], failed: [] };
      // One after the other: a file may name a stream twice, and the last word counts.
      for (const [index, given] of entries.entries()) await putStream(deps, index, given, result);
      const { added, updated, failed } = result;
      const counts = `${added.length} added, ${updated.length} updated, ${failed.length} failed`;
      audit(deps, request, 'config.import', null, counts);
      return result;
    },
  );
}

async function putStream(deps: ApiDeps, index: number, given: unknown, result: ConfigResult): Promise<void> {
  const claimed = (given as { name?: unknown } | null)?.name;
  const name = typeof claimed === 'string' && claimed !== '' ? claimed.slice(0, 128) : `streams[${index}]`;
  const checked = entry(given, `streams[${index}]`);
  if (!checked.ok) {
    result.failed.push({ name, code: checked.code, message: checked.message });
    return;
  }
  const body = checked.value as StreamAdd;
  try {
    result[await deps.cameras.putStream(body)].push(body.name);
  } catch (error) {
    // What has a code is meant for people; anything else is a bug and must be heard of.
    if (!(error instanceof Error && 'code' in error)) throw error;
    result.failed.push({ name, code: String(error.code), message: error.message });
  }
}
