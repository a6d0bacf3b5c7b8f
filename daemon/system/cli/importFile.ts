import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseEnv } from 'node:util';
import type { Command } from 'commander';
import { CliError } from './client.ts';
import type { Context } from './context.ts';
import { table } from './output.ts';

interface ConfigResult {
  total: number;
  added: string[];
  updated: string[];
  failed: { name: string; code: string; message: string }[];
}

/** The reference server's settings and what they are called here. DEBUG has no counterpart but the log's level. */
const SETTINGS: Record<string, string> = {
  HOST: 'WALLEYE_HOST',
  PORT: 'WALLEYE_PORT',
  RTSP_TIMEOUT: 'WALLEYE_RTSP_TIMEOUT',
};

export function importCommand(program: Command, context: () => Context): void {
  program
    .command('import')
    .description('take over the streams of an RTSP stream server’s config.json, or the settings of its .env')
    .argument('<file>', 'config.json or .env')
    .action(async (file: string) => {
      const { client, show } = context();
      const text = await readFile(file, 'utf8').catch((cause: Error) => {
        throw new CliError(2, 'unreadable', `${file} cannot be read: ${cause.message}`, { cause });
      });
      if (/^\.env/.test(basename(file))) return show(settings(text), describeSettings);
      const result = await client.call<ConfigResult>('POST', '/api/config/streams', config(file, text));
      show(result, describeResult);
      if (result.failed.length > 0)
        throw new CliError(1, 'partly_failed', `${result.failed.length} of ${result.total} streams failed.`);
    });
}

function config(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError(2, 'unreadable', `${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function settings(text: string): Record<string, string> {
  const given = parseEnv(text);
  const known = Object.entries(SETTINGS).flatMap(([theirs, ours]) => {
    const value = given[theirs];
    return value === undefined || value === '' ? [] : [[ours, value]];
  });
  return Object.fromEntries(known);
}

/** The daemon takes its settings from its environment, which a running command cannot change. */
function describeSettings(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');
}

function describeResult({ added, updated, failed }: ConfigResult): string {
  return table(
    ['stream', 'result', 'why'],
    [
      ...added.map((name) => [name, 'added', '']),
      ...updated.map((name) => [name, 'updated', '']),
      ...failed.map(({ name, code, message }) => [name, code, message]),
    ],
    'No streams in it.',
  );
}
