/** A program: a box with virtual cameras, on a host of its own, reached by its address. Argument: JSON. Ends when its standard input does. */
import { startDaemon } from '../e2e/daemon.ts';
import { startVirtualCameras, type VirtualCameraSpec } from '../virtual-camera/index.ts';

export interface BoxHost {
  cameras: readonly VirtualCameraSpec[];
  port: number;
  /** By which others reach it. */
  address: string;
  /** Of the user `admin`. */
  password: string;
}

const { cameras: specs, port, address, password } = JSON.parse(process.argv[2] ?? '') as BoxHost;
const cameras = await startVirtualCameras({ cameras: specs });
const daemon = await startDaemon({
  port,
  env: {
    WALLEYE_HOST: '0.0.0.0',
    WALLEYE_HTTPS: 'off',
    WALLEYE_ALLOWED_HOSTS: address,
    WALLEYE_ADMIN_PASSWORD: password,
  },
});
process.stdin
  .on('close', () => void Promise.all([daemon.stop(), cameras.close()]).then(() => process.exit(0)))
  .resume();
const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
for (const { id, name, username, password: secret, rtspUrl } of cameras.cameras) {
  const streams = (['main', 'sub'] as const).map((profile) => ({ profile, rtsp_url: rtspUrl(profile) }));
  const response = await fetch(`http://127.0.0.1:${daemon.port}/api/cameras`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ id, name, username, password: secret, streams }),
  });
  if (!response.ok) throw new Error(await response.text());
}
console.log('ready');
