import os from 'node:os';
import type { Command } from 'commander';
import type { Health, System } from '../../schema.ts';
import { CliError } from './client.ts';
import type { Context } from './context.ts';
import { facts, rounded, table } from './output.ts';

/** Milliseconds that `host` waits to say whether the daemon answers. */
const GLANCE = 2_000;

export function hostCommands(program: Command, context: () => Context): void {
  program
    .command('host')
    .description('this machine’s addresses, and where the daemon is')
    .action(async () => {
      const { client, show } = context();
      const addresses = Object.entries(os.networkInterfaces()).flatMap(([name, infos]) =>
        (infos ?? []).filter((info) => !info.internal).map(({ address }) => ({ interface: name, address })),
      );
      let silence = 'does not answer';
      const health = await client
        .within(GLANCE)
        .call<Health>('GET', '/api/health')
        .catch((error: unknown) => {
          if (!(error instanceof CliError)) throw error;
          if (error.exitCode === 1) silence = `answers, but not us: ${error.message}`;
          return null;
        });
      const urls = { wall: `${client.url}/`, api: `${client.url}/api/docs` };
      show({ hostname: os.hostname(), addresses, running: health !== null, ...urls }, (host) =>
        facts([
          ['host', host.hostname],
          ...host.addresses.map((one): [string, string] => [one.interface, one.address]),
          [
            'daemon',
            health
              ? `${health.message}${health.version === null ? '' : ` (version ${health.version})`}`
              : silence,
          ],
          ['wall', host.wall],
          ['api', host.api],
        ]),
      );
    });

  program
    .command('status')
    .description('health, totals, ffmpeg and decoders')
    .action(async () => {
      const { client, show } = context();
      const health = await client.call<Health>('GET', '/api/health');
      const system = await client.call<System>('GET', '/api/system');
      show({ health, system }, describe);
    });
}

function describe({ health, system }: { health: Health; system: System }): string {
  const { streams, memory, ffmpeg, decode, sandbox } = system;
  const general = facts([
    ['status', `${health.status}: ${health.message}`],
    ['version', `${system.version}, Node.js ${system.node}, up ${duration(system.uptime)}`],
    ['streams', `${streams.total}, ${streams.live} live`],
    ['viewers', `${streams.viewers} of ${streams.renditions} renditions`],
    ['load', system.load.map((value) => value.toFixed(2)).join(' ')],
    ['memory', `${rounded(memory.rss / 2 ** 20, 0)} MiB of ${rounded(memory.total / 2 ** 20, 0)} MiB`],
    ['ffmpeg', `${ffmpeg.version} (${ffmpeg.source}, ${ffmpeg.path})`],
    ['decoder', `${decode.chosen}: ${decode.reason}`],
    ['sandbox', sandbox.kind],
  ]);
  const candidates = table(
    ['decoder', 'device', 'works', 'why'],
    decode.candidates.map((one) => [one.hwaccel, one.device, one.works, one.reason]),
    '',
  );
  const warnings = [ffmpeg.warning, sandbox.warning].filter((warning) => warning !== null);
  return [general, candidates, warnings.map((warning) => `! ${warning}`).join('\n')]
    .filter((part) => part !== '')
    .join('\n\n');
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return `${Math.floor(seconds)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 1) return `${minutes} min`;
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days ${hours % 24} h`;
}
