import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { type Config, ConfigError, readConfig } from '../../daemon/system/config.ts';
import { isLoopback } from '../../daemon/system/loopback.ts';

function read(env: NodeJS.ProcessEnv, argv: string[] = []): Config {
  const config = readConfig(env, argv);
  assert.ok(!(config instanceof ConfigError), String(config));
  return config;
}

function problems(env: NodeJS.ProcessEnv, argv: string[] = []): readonly string[] {
  const config = readConfig(env, argv);
  assert.ok(config instanceof ConfigError, JSON.stringify(config));
  return config.problems;
}

describe('readConfig', () => {
  it('without any variable gives the documented defaults', () => {
    assert.deepEqual(read({ HOME: '/home/op' }), {
      stateDir: '/home/op/.local/state/walleye',
      host: '127.0.0.1',
      port: 8080,
      https: 'off',
      httpsPort: 8443,
      rtspPort: 8554,
      allowedHosts: [],
      keyFile: undefined,
      ffmpeg: undefined,
      discoveryInterfaces: undefined,
      logLevel: 'info',
      notifySocket: undefined,
      watchdogUsec: undefined,
      adminPassword: undefined,
      token: undefined,
      rtspTimeout: 10_000,
      benchmark: true,
      decoderMemory: undefined,
      commissioning: true,
      supervised: false,
      handover: undefined,
      updateDir: '/var/lib/walleye-update',
      provisionReport: '/run/walleye-provision/report.json',
    });
  });

  it('reads every variable', () => {
    const config = read({
      WALLEYE_STATE_DIR: '/srv/walleye',
      WALLEYE_HOST: '127.0.0.9',
      WALLEYE_PORT: '81',
      WALLEYE_HTTPS: 'Optional',
      WALLEYE_HTTPS_PORT: '444',
      WALLEYE_RTSP_PORT: 'Off',
      WALLEYE_ALLOWED_HOSTS: 'Wall.example, 203.0.113.5 [2001:DB8::5]',
      WALLEYE_KEY_FILE: '/run/credentials/walleye.service/key',
      WALLEYE_FFMPEG: '/opt/ffmpeg/bin/ffmpeg',
      WALLEYE_DISCOVERY_INTERFACES: 'eth0, enp3s0f1 eth0',
      WALLEYE_LOG_LEVEL: 'DEBUG',
      WALLEYE_ADMIN_PASSWORD: 'correct horse',
      WALLEYE_RTSP_TIMEOUT: '2.5',
      WALLEYE_BENCHMARK: 'off',
      WALLEYE_DECODER_MEMORY: '900',
      WALLEYE_COMMISSIONING: 'off',
      WALLEYE_UPDATE_DIR: '/srv/update',
      WALLEYE_PROVISION_REPORT: '/srv/report.json',
      NOTIFY_SOCKET: '/run/systemd/notify',
      WATCHDOG_USEC: '30000000',
      WATCHDOG_PID: String(process.pid),
    });
    assert.deepEqual(config, {
      stateDir: '/srv/walleye',
      host: '127.0.0.9',
      port: 81,
      https: 'optional',
      httpsPort: 444,
      rtspPort: undefined,
      allowedHosts: ['wall.example', '203.0.113.5', '2001:db8::5'],
      keyFile: '/run/credentials/walleye.service/key',
      ffmpeg: '/opt/ffmpeg/bin/ffmpeg',
      discoveryInterfaces: ['eth0', 'enp3s0f1'],
      logLevel: 'debug',
      notifySocket: '/run/systemd/notify',
      watchdogUsec: 30_000_000,
      adminPassword: 'correct horse',
      token: undefined,
      rtspTimeout: 2500,
      benchmark: false,
      decoderMemory: 900 * 1024 * 1024,
      commissioning: false,
      supervised: true,
      handover: undefined,
      updateDir: '/srv/update',
      provisionReport: '/srv/report.json',
    });
  });

  it('knows where systemd keeps what a daemon leaves to the next one, and what it has kept', () => {
    const keeping = { NOTIFY_SOCKET: '/run/n', FDSTORE: '128', RUNTIME_DIRECTORY: '/run/walleye:/run/other' };
    assert.deepEqual(read(keeping).handover, { folder: '/run/walleye', kept: [] });
    const two = { LISTEN_FDS: '2', LISTEN_FDNAMES: 'stream-a:stream-b' };
    assert.deepEqual(read({ ...keeping, ...two, LISTEN_PID: `${process.pid}` }).handover?.kept, [
      { name: 'stream-a', descriptor: 3 },
      { name: 'stream-b', descriptor: 4 },
    ]);
    // Of another process, as its children inherit them, or no number.
    for (const other of [{ LISTEN_PID: '1' }, {}, { LISTEN_PID: `${process.pid}`, LISTEN_FDS: 'x' }])
      assert.deepEqual(read({ ...keeping, ...two, ...other }).handover?.kept, []);
    // systemd before 254, a unit without FileDescriptorStoreMax=, or no systemd at all.
    for (const missing of ['FDSTORE', 'NOTIFY_SOCKET', 'RUNTIME_DIRECTORY'])
      assert.equal(read({ ...keeping, [missing]: '' }).handover, undefined, missing);
    assert.equal(read({ ...keeping, FDSTORE: '0' }).handover, undefined);
  });

  it('takes an empty variable as unset, as systemd units write it', () => {
    const names = [
      'STATE_DIR',
      'HOST',
      'PORT',
      'HTTPS',
      'HTTPS_PORT',
      'ALLOWED_HOSTS',
      'KEY_FILE',
      'FFMPEG',
      'DISCOVERY_INTERFACES',
      'LOG_LEVEL',
      'RTSP_TIMEOUT',
      'BENCHMARK',
      'DECODER_MEMORY',
      'COMMISSIONING',
      'UPDATE_DIR',
      'PROVISION_REPORT',
    ];
    const empty = Object.fromEntries(names.map((name) => [`WALLEYE_${name}`, '']));
    assert.deepEqual(
      read({ ...empty, HOME: '/h', WATCHDOG_USEC: '', NOTIFY_SOCKET: '' }),
      read({ HOME: '/h' }),
    );
  });

  const folders: [NodeJS.ProcessEnv, string][] = [
    [
      { HOME: '/h', XDG_STATE_HOME: '/x', STATE_DIRECTORY: '/var/lib/walleye', WALLEYE_STATE_DIR: '/w' },
      '/w',
    ],
    [{ HOME: '/h', XDG_STATE_HOME: '/x', STATE_DIRECTORY: '/var/lib/walleye' }, '/var/lib/walleye'],
    [{ STATE_DIRECTORY: '/var/lib/walleye:/var/lib/other' }, '/var/lib/walleye'],
    [{ HOME: '/h', XDG_STATE_HOME: '/x' }, '/x/walleye'],
    [{ HOME: '/h', XDG_STATE_HOME: 'relative' }, '/h/.local/state/walleye'],
    [{}, `${homedir()}/.local/state/walleye`],
    [{ WALLEYE_STATE_DIR: 'here' }, resolve('here')],
  ];
  for (const [env, expected] of folders) {
    it(`keeps its state in ${expected} with ${JSON.stringify(env)}`, () => {
      assert.equal(read(env).stateDir, expected);
    });
  }

  it('lets a flag outweigh its variable, and has none for the password', () => {
    const argv = [
      '--port',
      '9000',
      '--host=::1',
      '--log-level',
      'warn',
      '--state-dir=/s',
      '--rtsp-timeout',
      '3',
    ];
    const config = read({ WALLEYE_PORT: '1', WALLEYE_HOST: '0.0.0.0' }, argv);
    assert.equal(config.port, 9000);
    assert.equal(config.host, '::1');
    assert.equal(config.logLevel, 'warn');
    assert.equal(config.stateDir, '/s');
    assert.equal(config.rtspTimeout, 3000);
    assert.match(problems({}, ['--admin-password', 'x'])[0]!, /--admin-password.*Known flags: --state-dir, /);
    assert.match(problems({}, ['extra'])[0]!, /extra/);
  });

  for (const address of ['0.0.0.0', '::', '192.168.1.5', '[2001:db8::1]']) {
    it(`listens on ${address} too, and demands HTTPS there unless told otherwise`, () => {
      const config = read({ WALLEYE_HOST: address });
      assert.equal(config.host, address.replace(/[[\]]/g, ''));
      assert.equal(config.https, 'required');
      assert.equal(read({ WALLEYE_HOST: address, WALLEYE_HTTPS: 'off' }).https, 'off');
    });
  }

  for (const address of ['127.0.0.1', '::1', 'localhost', '127.0.0.9']) {
    it(`needs no HTTPS on ${address}`, () => assert.equal(read({ WALLEYE_HOST: address }).https, 'off'));
  }

  it('leaves a watchdog alone that is meant for another process', () => {
    assert.equal(read({ WATCHDOG_USEC: '1000', WATCHDOG_PID: '1' }).watchdogUsec, undefined);
    assert.equal(read({ WATCHDOG_USEC: '1000' }).watchdogUsec, 1000);
  });

  const wrong: [NodeJS.ProcessEnv, RegExp][] = [
    [{ WALLEYE_HOST: 'wall.example' }, /WALLEYE_HOST=wall\.example is not an address: use 127\.0\.0\.1/],
    [{ WALLEYE_HOST: '127.0.0.1.example' }, /not an address/],
    [{ WALLEYE_HOST: '192.168.1.256' }, /not an address/],
    [{ WALLEYE_HTTPS: 'yes' }, /WALLEYE_HTTPS=yes .* required, optional, off/],
    [{ WALLEYE_RTSP_PORT: 'no' }, /WALLEYE_RTSP_PORT=no is not a port number, or off/],
    [{ WALLEYE_HTTPS_PORT: '70000' }, /WALLEYE_HTTPS_PORT=70000 is not a port number/],
    [
      { WALLEYE_ALLOWED_HOSTS: 'https://wall.example:443/' },
      /WALLEYE_ALLOWED_HOSTS names https:\/\/wall\.example:443\/.* without http:\/\/ and port/,
    ],
    [
      { WALLEYE_PORT: '65536' },
      /WALLEYE_PORT=65536 is not a port number: use a whole number from 0 to 65535/,
    ],
    [{ WALLEYE_PORT: '-1' }, /WALLEYE_PORT/],
    [{ WALLEYE_PORT: '80a' }, /WALLEYE_PORT/],
    [{ WALLEYE_PORT: '8e3' }, /WALLEYE_PORT/],
    [
      { WALLEYE_LOG_LEVEL: 'verbose' },
      /WALLEYE_LOG_LEVEL=verbose .* trace, debug, info, warn, error, fatal, silent/,
    ],
    [{ WALLEYE_RTSP_TIMEOUT: '0' }, /WALLEYE_RTSP_TIMEOUT=0 .* seconds from 0\.1 to 300/],
    [{ WALLEYE_RTSP_TIMEOUT: '10s' }, /WALLEYE_RTSP_TIMEOUT/],
    [{ WALLEYE_DECODER_MEMORY: '64' }, /WALLEYE_DECODER_MEMORY=64 .* MiB from 128/],
    [{ WALLEYE_DECODER_MEMORY: '1G' }, /WALLEYE_DECODER_MEMORY/],
    [{ WALLEYE_BENCHMARK: 'no' }, /WALLEYE_BENCHMARK=no is neither on nor off/],
    [{ WALLEYE_COMMISSIONING: 'yes' }, /WALLEYE_COMMISSIONING=yes is neither on nor off/],
    [{ WALLEYE_DISCOVERY_INTERFACES: 'eth0,../etc' }, /WALLEYE_DISCOVERY_INTERFACES names \.\.\/etc/],
    [{ WALLEYE_DISCOVERY_INTERFACES: 'a-name-that-is-too-long' }, /WALLEYE_DISCOVERY_INTERFACES/],
    [{ WATCHDOG_USEC: 'soon' }, /WATCHDOG_USEC=soon/],
  ];
  for (const [env, sentence] of wrong) {
    it(`refuses ${JSON.stringify(env)} with a sentence`, () => {
      const said = problems(env);
      assert.equal(said.length, 1);
      assert.match(said[0]!, sentence);
    });
  }

  it('names all problems at once, and never the password', () => {
    const env = {
      WALLEYE_HOST: 'everywhere',
      WALLEYE_PORT: 'x',
      WALLEYE_LOG_LEVEL: 'y',
      WALLEYE_ADMIN_PASSWORD: 'hunter2',
    };
    const error = readConfig(env);
    assert.ok(error instanceof ConfigError);
    assert.equal(error.problems.length, 4);
    assert.equal(error.message.split('\n').length, 4);
    assert.doesNotMatch(error.message, /hunter2/);
  });
});

describe('isLoopback', () => {
  for (const address of [
    '127.0.0.1',
    '127.0.0.10',
    '127.255.255.254',
    '::1',
    '0:0:0:0:0:0:0:1',
    'localhost',
    'LOCALHOST',
  ]) {
    it(`${address}: yes`, () => assert.equal(isLoopback(address), true));
  }
  for (const address of [
    '0.0.0.0',
    '128.0.0.1',
    '126.255.255.255',
    '::',
    '::2',
    '10.0.0.1',
    'localhost.example',
    '127.1',
    '',
    '0',
  ]) {
    it(`${JSON.stringify(address)}: no`, () => assert.equal(isLoopback(address), false));
  }
});
