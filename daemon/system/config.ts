import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type KeptDescriptor, keptDescriptors } from './descriptorStore.ts';
import { isLoopback } from './loopback.ts';

/** The only reader of process.env. What each setting means: README.md, “Settings”. */
export interface Config {
  /** Absolute. Holds walleye.sqlite. */
  stateDir: string;
  /** An address of this machine, or 0.0.0.0 or :: for all of them. */
  host: string;
  /** 0: the kernel chooses. */
  port: number;
  /** required: peers other than this machine must use it · optional: HTTP too · off: HTTP only. */
  https: HttpsMode;
  /** 0: the kernel chooses. */
  httpsPort: number;
  /** Where streams are offered again over RTSP; 0: the kernel chooses, undefined: nowhere. */
  rtspPort: number | undefined;
  /** Names and addresses, besides the machine's own, that browsers reach it by; lower case. */
  allowedHosts: string[];
  /** Holds the 32 bytes that passwords are sealed with; undefined: secret.key in the state folder. */
  keyFile?: string;
  /** Command or path of the ffmpeg to use; undefined: chosen by itself. */
  ffmpeg?: string;
  /** Names of network interfaces; undefined: all with IPv4 except loopback. */
  discoveryInterfaces?: string[];
  logLevel: LogLevel;
  /** Set by systemd for `Type=notify`. */
  notifySocket?: string;
  /** Microseconds, set by systemd for `WatchdogSec=`; undefined: nobody watches. */
  watchdogUsec?: number;
  /** Of the user `admin`, at every start. */
  adminPassword?: string;
  /** What `walleye` signs in with; undefined: the file tokens/cli in the state folder. */
  token?: string;
  /** Milliseconds that a camera may take to answer a request. */
  rtspTimeout: number;
  /** Measure by itself, when nobody looks, how much this machine decodes. */
  benchmark: boolean;
  /** Bytes for all decoders together where systemd lets us limit them; undefined: what the unit's limits leave. */
  decoderMemory?: number;
  /** Measure each camera by itself after it was added: what is wrong with its set-up. */
  commissioning: boolean;
  /** systemd started us, and starts us again when we end. */
  supervised: boolean;
  /** Where systemd keeps descriptors for our next start: what it has kept, and a folder in memory that it keeps too. */
  handover?: { folder: string; kept: readonly KeptDescriptor[] };
  /** Where root tells of updates; what has this folder is an appliance. */
  updateDir: string;
  /** Where root tells what a stick, the ESP or a credential brought. */
  provisionReport: string;
}

export const HTTPS_MODES = ['required', 'optional', 'off'] as const;
export type HttpsMode = (typeof HTTPS_MODES)[number];

/** As pino names them. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Every setting that is wrong, one sentence each: an installer mends them in one go. */
export class ConfigError extends Error {
  readonly code = 'invalid_config';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** Flag → variable. No flag for the password: `ps` would show it to everybody. */
const FLAGS = {
  'state-dir': 'WALLEYE_STATE_DIR',
  host: 'WALLEYE_HOST',
  port: 'WALLEYE_PORT',
  https: 'WALLEYE_HTTPS',
  'https-port': 'WALLEYE_HTTPS_PORT',
  'rtsp-port': 'WALLEYE_RTSP_PORT',
  'allowed-hosts': 'WALLEYE_ALLOWED_HOSTS',
  'key-file': 'WALLEYE_KEY_FILE',
  ffmpeg: 'WALLEYE_FFMPEG',
  'discovery-interfaces': 'WALLEYE_DISCOVERY_INTERFACES',
  'log-level': 'WALLEYE_LOG_LEVEL',
  'rtsp-timeout': 'WALLEYE_RTSP_TIMEOUT',
} as const;

/**
 * Settings from the environment; a flag (`--port 8081`) outweighs its variable. An empty variable counts as unset,
 * as in a systemd unit's `Environment=`.
 *
 * @param env process.env; handed in by tests
 * @param argv the arguments behind the script's name, none by default
 * @returns the settings, or all that is wrong with them
 */
export function readConfig(
  env: NodeJS.ProcessEnv = process.env,
  argv: readonly string[] = [],
): Config | ConfigError {
  const problems: string[] = [];
  const flags = readFlags(argv, problems);
  const get = (name: string) => flags[name] || env[name] || undefined;

  const address = host(get('WALLEYE_HOST') ?? '127.0.0.1', problems);
  const config: Config = {
    stateDir: stateDir(get),
    host: address,
    port: integer(get, 'WALLEYE_PORT', 8080, 0, 65_535, 'a port number', problems),
    https: httpsMode(get('WALLEYE_HTTPS') ?? (isLoopback(address) ? 'off' : 'required'), problems),
    httpsPort: integer(get, 'WALLEYE_HTTPS_PORT', 8443, 0, 65_535, 'a port number', problems),
    rtspPort:
      get('WALLEYE_RTSP_PORT')?.toLowerCase() === 'off'
        ? undefined
        : integer(get, 'WALLEYE_RTSP_PORT', 8554, 0, 65_535, 'a port number, or off', problems),
    allowedHosts: allowedHosts(get('WALLEYE_ALLOWED_HOSTS'), problems),
    keyFile: keyFile(get),
    ffmpeg: get('WALLEYE_FFMPEG'),
    discoveryInterfaces: interfaces(get('WALLEYE_DISCOVERY_INTERFACES'), problems),
    logLevel: logLevel(get('WALLEYE_LOG_LEVEL') ?? 'info', problems),
    notifySocket: env.NOTIFY_SOCKET || undefined,
    watchdogUsec: watchdogUsec(env, problems),
    adminPassword: adminPassword(env.WALLEYE_ADMIN_PASSWORD || undefined, problems),
    token: env.WALLEYE_TOKEN || undefined,
    rtspTimeout: rtspTimeout(get('WALLEYE_RTSP_TIMEOUT'), problems),
    benchmark: onOrOff(get, 'WALLEYE_BENCHMARK', problems),
    decoderMemory: decoderMemory(get('WALLEYE_DECODER_MEMORY'), problems),
    commissioning: onOrOff(get, 'WALLEYE_COMMISSIONING', problems),
    supervised: isSupervised(env),
    handover: handover(env),
    updateDir: resolve(get('WALLEYE_UPDATE_DIR') ?? '/var/lib/walleye-update'),
    provisionReport: resolve(get('WALLEYE_PROVISION_REPORT') ?? '/run/walleye-provision/report.json'),
  };
  return problems.length > 0 ? new ConfigError(problems) : config;
}

/** The lengths that the API takes too. The password itself is not repeated: the message ends up in the journal. */
function adminPassword(value: string | undefined, problems: string[]): string | undefined {
  if (value === undefined || (value.length >= 8 && value.length <= 256)) return value;
  problems.push(
    `WALLEYE_ADMIN_PASSWORD has ${value.length} characters: choose a password of 8 to 256 characters.`,
  );
  return undefined;
}

type Get = (name: string) => string | undefined;

function readFlags(argv: readonly string[], problems: string[]): Record<string, string | undefined> {
  const options = Object.fromEntries(Object.keys(FLAGS).map((flag) => [flag, { type: 'string' as const }]));
  try {
    const { values } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false });
    return Object.fromEntries(Object.entries(FLAGS).map(([flag, name]) => [name, values[flag] as string]));
  } catch (error) {
    problems.push(
      `${(error as Error).message.split('. ')[0]}. Known flags: --${Object.keys(FLAGS).join(', --')}.`,
    );
    return {};
  }
}

/** systemd's StateDirectory= may hold several, separated by colons; the XDG specification says to ignore a relative path. */
function stateDir(get: Get): string {
  const own = get('WALLEYE_STATE_DIR');
  if (own) return resolve(own);
  const systemd = get('STATE_DIRECTORY')?.split(':')[0];
  if (systemd) return systemd;
  const xdg = get('XDG_STATE_HOME');
  return join(xdg && isAbsolute(xdg) ? xdg : join(get('HOME') ?? homedir(), '.local', 'state'), 'walleye');
}

function host(value: string, problems: string[]): string {
  const address = value.replace(/^\[(.*)\]$/, '$1');
  if (isLoopback(address) || isIP(address) !== 0) return address;
  problems.push(
    `WALLEYE_HOST=${value} is not an address: use 127.0.0.1 (the default) for this machine alone, 0.0.0.0 for the ` +
      'network, or one of this machine’s addresses.',
  );
  return '127.0.0.1';
}

function httpsMode(value: string, problems: string[]): HttpsMode {
  const mode = HTTPS_MODES.find((known) => known === value.toLowerCase());
  if (mode) return mode;
  problems.push(`WALLEYE_HTTPS=${value} is not a way to serve HTTPS: use one of ${HTTPS_MODES.join(', ')}.`);
  return 'required';
}

/** As they stand in a Host header, without a port; IPv6 in brackets there, and here with or without. */
function allowedHosts(value: string | undefined, problems: string[]): string[] {
  const names = (value ?? '').split(/[\s,]+/).filter((name) => name !== '');
  const wrong = names.filter(
    (name) => !/^(\[?[0-9a-f:]+(\.\d+)*\]?|[a-z0-9_-]+(\.[a-z0-9_-]+)*)$/i.test(name),
  );
  if (wrong.length > 0) {
    problems.push(
      `WALLEYE_ALLOWED_HOSTS names ${wrong.join(', ')}, which is no host name: give names such as wall.example, ` +
        'separated by commas, without http:// and port.',
    );
  }
  return [...new Set(names.map((name) => name.replace(/^\[(.*)\]$/, '$1').toLowerCase()))];
}

function keyFile(get: Get): string | undefined {
  const file = get('WALLEYE_KEY_FILE');
  return file === undefined ? undefined : resolve(file);
}

function integer(
  get: Get,
  name: string,
  byDefault: number,
  least: number,
  most: number,
  what: string,
  problems: string[],
): number {
  const value = get(name);
  if (value === undefined) return byDefault;
  const number = /^\d{1,9}$/.test(value.trim()) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  problems.push(`${name}=${value} is not ${what}: use a whole number from ${least} to ${most}.`);
  return byDefault;
}

/** Linux: 15 bytes at most, neither `/` nor white space (dev_valid_name). */
function interfaces(value: string | undefined, problems: string[]): string[] | undefined {
  const names = value?.split(/[\s,]+/).filter((name) => name !== '');
  if (!names || names.length === 0) return undefined;
  const wrong = names.filter((name) => Buffer.byteLength(name) > 15 || /[/:]/.test(name));
  if (wrong.length > 0) {
    problems.push(
      `WALLEYE_DISCOVERY_INTERFACES names ${wrong.join(', ')}, which no interface can be called: ` +
        'give names such as eth0, separated by commas.',
    );
  }
  return [...new Set(names)];
}

function logLevel(value: string, problems: string[]): LogLevel {
  const level = LOG_LEVELS.find((known) => known === value.toLowerCase());
  if (level) return level;
  problems.push(`WALLEYE_LOG_LEVEL=${value} is not a level: use one of ${LOG_LEVELS.join(', ')}.`);
  return 'info';
}

/** Seconds, as in the reference server's RTSP_TIMEOUT (default 10 there too); fractions are taken. */
function rtspTimeout(value: string | undefined, problems: string[]): number {
  if (value === undefined) return 10_000;
  const seconds = /^\d{1,6}(\.\d{1,6})?$/.test(value.trim()) ? Number(value) : Number.NaN;
  if (seconds >= 0.1 && seconds <= 300) return Math.round(seconds * 1000);
  problems.push(`WALLEYE_RTSP_TIMEOUT=${value} is not a time: use seconds from 0.1 to 300.`);
  return 10_000;
}

/** In MiB, as nobody counts it in bytes. Below 128 not one decoder of a 4K camera would run. */
function decoderMemory(value: string | undefined, problems: string[]): number | undefined {
  if (value === undefined) return undefined;
  const mebibytes = /^\d{1,7}$/.test(value.trim()) ? Number(value) : 0;
  if (mebibytes >= 128) return mebibytes * 2 ** 20;
  problems.push(`WALLEYE_DECODER_MEMORY=${value} is not a size: use a whole number of MiB from 128.`);
  return undefined;
}

/** On unless it is said otherwise. */
function onOrOff(get: Get, name: string, problems: string[]): boolean {
  const value = get(name);
  if (value === undefined || value === 'on') return true;
  if (value !== 'off') problems.push(`${name}=${value} is neither on nor off.`);
  return false;
}

/**
 * Not by INVOCATION_ID: everything inherits it that a service starts, also a terminal of a desktop that systemd runs.
 * SYSTEMD_EXEC_PID (since 248) names the one process that it started itself.
 */
function isSupervised(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.NOTIFY_SOCKET) || env.SYSTEMD_EXEC_PID === String(process.pid);
}

/** FDSTORE: from systemd 254 on, and where FileDescriptorStoreMax= is set (systemd.exec(5)). RUNTIME_DIRECTORY may hold several. */
function handover(env: NodeJS.ProcessEnv): Config['handover'] {
  const folder = env.RUNTIME_DIRECTORY?.split(':')[0];
  if (!folder || !env.NOTIFY_SOCKET || !(Number(env.FDSTORE) > 0)) return undefined;
  return { folder, kept: keptDescriptors(env, process.pid) };
}

/** sd_watchdog_enabled(3): meant for the process WATCHDOG_PID, where that is given. */
function watchdogUsec(env: NodeJS.ProcessEnv, problems: string[]): number | undefined {
  const value = env.WATCHDOG_USEC;
  if (!value || (env.WATCHDOG_PID && env.WATCHDOG_PID !== String(process.pid))) return undefined;
  const usec = /^\d{1,15}$/.test(value) ? Number(value) : 0;
  if (usec > 0) return usec;
  problems.push(`WATCHDOG_USEC=${value} is not a number of microseconds: systemd sets it, leave it alone.`);
  return undefined;
}
