/**
 * `walleye`, the command line. It does what the wall and the API do, over the API; `--json` prints the API's answers.
 *
 * The RTSP-over-HTTP agent's console and its counterparts: `host` → host · `cctv discovery`, `cctv search` → discover ·
 * `cctv list` → cameras, discover --last · `cctv clear` → discover (each search begins anew), camera remove ·
 * `cctv stream` → streams · `cctv get URL USER PASS`, `cctv onvif` → onvif · `cctv info ID` → camera ID ·
 * `cctv proxy` → stream url · Tab → completion bash.
 */
import { Command, CommanderError } from 'commander';
import { alarmCommands } from './cli/alarms.ts';
import { backupCommands } from './cli/backup.ts';
import { cameraCommands } from './cli/cameras.ts';
import { CliError, Client } from './cli/client.ts';
import { completionCommands } from './cli/completion.ts';
import type { Context } from './cli/context.ts';
import { credentialCommands } from './cli/credentials.ts';
import { discoverCommand } from './cli/discover.ts';
import { doctorCommand } from './cli/doctor.ts';
import { hostCommands } from './cli/host.ts';
import { importCommand } from './cli/importFile.ts';
import { layoutCommands } from './cli/layouts.ts';
import { pairingCommand } from './cli/pairing.ts';
import { provisionCommand } from './cli/provision.ts';
import { ptzCommand } from './cli/ptz.ts';
import { settingsCommand } from './cli/settings.ts';
import { streamCommands } from './cli/streams.ts';
import { screenTokenFor, tokenFor } from './cli/token.ts';
import { updateCommands } from './cli/update.ts';
import { userCommands } from './cli/users.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { isLoopback } from './loopback.ts';

const FROM_AGENT = `
From the RTSP-over-HTTP agent’s console:
  cctv discovery, search  walleye discover          cctv info ID   walleye camera ID
  cctv list               walleye cameras           cctv stream    walleye streams
  cctv get URL USER PASS  walleye onvif URL USER    cctv proxy     walleye stream url STREAM

Exit status: 0 done, 1 refused by the daemon, 2 wrong use, 3 the daemon does not answer.`;

function buildProgram(json: boolean): Command {
  const program = new Command('walleye')
    .description('Turns this machine into a camera wall.')
    .option(
      '--url <url>',
      'the daemon’s address, before the command; default: by WALLEYE_HOST and WALLEYE_PORT',
    )
    .option('--json', 'for scripts, anywhere: print the daemon’s answer as JSON')
    // `camera add` has a --url of its own.
    .enablePositionalOptions()
    .addHelpText('after', FROM_AGENT)
    .showHelpAfterError('(walleye help COMMAND tells more)')
    .exitOverride();
  const context = () => contextOf(program.opts<{ url?: string }>().url, json);
  hostCommands(program, context);
  discoverCommand(program, context);
  cameraCommands(program, context);
  ptzCommand(program, context);
  streamCommands(program, context);
  layoutCommands(program, context);
  alarmCommands(program, context);
  settingsCommand(program, context);
  importCommand(program, context);
  userCommands(program, context);
  pairingCommand(program, context);
  credentialCommands(program, context);
  backupCommands(program, context);
  provisionCommand(program, context);
  doctorCommand(program, context);
  updateCommands(program, context);
  completionCommands(program, context);
  return program;
}

function contextOf(url: string | undefined, json: boolean): Context {
  const print = (text: string) => void process.stdout.write(`${text}\n`);
  const full = url === undefined ? undefined : checkedUrl(url);
  const config = readConfig();
  const client = clientOf(full, config);
  return {
    client,
    screen: config instanceof ConfigError ? client : client.asScreen(screenTokenFor(full, config)),
    json,
    print,
    show: (value, people) => print(json ? JSON.stringify(value, null, 2) : people(value)),
  };
}

function checkedUrl(url: string): string {
  const full = /^https?:\/\//i.test(url) ? url : `http://${url}`;
  if (URL.canParse(full)) return full;
  throw new CliError(2, 'usage', `--url ${url} is not an address, such as http://127.0.0.1:8080.`);
}

function clientOf(url: string | undefined, config: Config | ConfigError): Client {
  if (!(config instanceof ConfigError))
    return new Client(url ?? defaultUrl(config), undefined, tokenFor(url, config));
  if (url === undefined) throw new CliError(2, config.code, config.message);
  return new Client(url);
}

function defaultUrl(config: Config): string {
  // A daemon that listens on the network listens on 127.0.0.1 too, and there without HTTPS.
  const host = isLoopback(config.host) ? config.host : '127.0.0.1';
  return `http://${host.includes(':') ? `[${host}]` : host}:${config.port}`;
}

/** Runs one command line and answers the exit status. */
async function main(given: string[]): Promise<number> {
  const end = given.includes('--') ? given.indexOf('--') : given.length;
  const args = given.filter((arg, index) => arg !== '--json' || index > end);
  const json = args.length < given.length;
  try {
    await buildProgram(json).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // commander has written its own message.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof CliError)) throw error;
    const { code, message } = error;
    const text = json ? JSON.stringify({ error: { code, message } }) : `walleye: ${message}`;
    process.stderr.write(`${text}\n`);
    return error.exitCode;
  }
}

// A reader that has enough (`walleye streams | head -1`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.exitCode = await main(process.argv.slice(2));
