import type { Command } from 'commander';
import type { Camera, CameraReboot, OnvifDescription } from '../../schema.ts';
import { CliError } from './client.ts';
import { type Context, path } from './context.ts';
import { facts, rounded, size, table } from './output.ts';
import { askPassword } from './password.ts';

interface AddOptions {
  address?: string;
  url?: string;
  subUrl?: string;
  id?: string;
  username?: string;
  password?: string;
}

export function cameraCommands(program: Command, context: () => Context): void {
  program
    .command('cameras')
    .description('all cameras')
    .action(async () => {
      const { client, show } = context();
      show(await client.call<{ cameras: Camera[] }>('GET', '/api/cameras'), ({ cameras }) =>
        table(
          ['id', 'name', 'model', 'address', 'streams'],
          cameras.map((camera) => [
            camera.id,
            camera.name,
            [camera.manufacturer, camera.model].filter(Boolean).join(' '),
            camera.address ?? camera.streams[0]?.rtsp_url,
            camera.streams.map(({ profile, state }) => `${profile} ${state}`).join(', '),
          ]),
          'No cameras yet. Look for some: walleye discover',
        ),
      );
    });

  const camera = program
    .command('camera')
    .description('one camera: walleye camera ID shows it; add, remove')
    .argument('[camera]', 'id')
    .action(async (id: string | undefined, _options: unknown, command: Command) => {
      if (id === undefined) return command.help({ error: true });
      const { client, show } = context();
      return show(await client.call<Camera>('GET', path('cameras', id)), describe);
    });

  camera
    .command('add')
    .description('add a camera by its ONVIF address or by its RTSP addresses')
    .argument('<name>', 'what people call it')
    .option('--address <address>', 'host, host:port or URL of its ONVIF service; its profiles are read')
    .option('--url <rtsp>', 'address of its main stream')
    .option('--sub-url <rtsp>', 'address of its small stream, used in small tiles')
    .option('--id <id>', '1 to 64 of A–Z a–z 0–9 _ -; made from the name when left out')
    .option('--username <user>')
    .option('--password <password>', 'asked for when left out and a user is given')
    .action(async (name: string, options: AddOptions) => {
      const { client, show } = context();
      const { url, subUrl, ...body } = options;
      if ((options.address === undefined) === (url === undefined))
        throw new CliError(2, 'usage', 'Give either --address (ONVIF) or --url (RTSP).');
      if (body.username !== undefined) body.password ??= await askPassword(`Password of ${body.username}: `);
      const streams = [
        ...(url === undefined ? [] : [{ profile: 'main', rtsp_url: url }]),
        ...(subUrl === undefined ? [] : [{ profile: 'sub', rtsp_url: subUrl }]),
      ];
      const added = await client.call<Camera>('POST', '/api/cameras', {
        name,
        ...body,
        ...(streams.length > 0 ? { streams } : {}),
      });
      show(added, (one) => `Added ${one.id} with ${one.streams.map((stream) => stream.name).join(', ')}.`);
    });

  camera
    .command('remove')
    .description('remove a camera and its streams')
    .argument('<camera>', 'id')
    .action(async (id: string) => {
      const { client, show } = context();
      await client.call('DELETE', path('cameras', id));
      show({ removed: id }, () => `Removed ${id}.`);
    });

  camera
    .command('reboot')
    .description('restart the camera itself, over ONVIF')
    .argument('<camera>', 'id')
    .action(async (id: string) => {
      const { client, show } = context();
      const answer = await client.call<CameraReboot>('POST', `${path('cameras', id)}/reboot`);
      show(answer, ({ message }) => `${id} restarts.${message === null ? '' : ` It says: ${message}`}`);
    });

  program
    .command('onvif')
    .description('ask a camera about itself over ONVIF, without adding it')
    .argument('<url>', 'host, host:port or URL of the ONVIF service')
    .argument('[user]')
    .argument('[password]', 'asked for when left out and a user is given')
    .action(async (address: string, username: string | undefined, password: string | undefined) => {
      const { client, show } = context();
      const credentials =
        username === undefined
          ? {}
          : { username, password: password ?? (await askPassword(`Password of ${username}: `)) };
      const body = { address, ...credentials };
      show(await client.call<OnvifDescription>('POST', '/api/onvif', body), describeOnvif);
    });
}

function describe(camera: Camera): string {
  const general = facts([
    ['id', camera.id],
    ['name', camera.name],
    ['address', camera.address],
    ['user', camera.username],
    ['password', camera.has_password ? 'set' : null],
    ['make', camera.manufacturer],
    ['model', camera.model],
    ['firmware', camera.firmware],
    ['serial', camera.serial],
  ]);
  const streams = table(
    ['stream', 'profile', 'state', 'codec', 'size', 'fps', 'address'],
    camera.streams.map((stream) => [
      stream.name,
      stream.profile,
      stream.state,
      stream.codec,
      size(stream),
      rounded(stream.fps),
      stream.rtsp_url,
    ]),
    'No streams.',
  );
  return `${general}\n\n${streams}`;
}

export function describeOnvif(camera: OnvifDescription): string {
  const general = facts([
    ['address', camera.address],
    ['make', camera.manufacturer],
    ['model', camera.model],
    ['firmware', camera.firmware],
    ['serial', camera.serial],
    ['clock', camera.clock_skew === null ? null : `${rounded(camera.clock_skew)} s ahead of ours`],
  ]);
  const profiles = table(
    ['profile', 'token', 'codec', 'size', 'fps', 'kbit/s', 'gop', 'ptz', 'stream'],
    camera.profiles.map((profile) => [
      profile.name,
      profile.token,
      profile.codec,
      size(profile),
      rounded(profile.fps),
      profile.bitrate,
      profile.gop,
      profile.ptz,
      profile.rtsp_url,
    ]),
    'No profiles.',
  );
  return `${general}\n\n${profiles}`;
}
