import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { it } from 'node:test';
import { startVirtualCameras } from './index.ts';
import { until } from './testClient.ts';

it('a virtual camera answers WS-Discovery with its ONVIF address, and not while it is off', async () => {
  const running = await startVirtualCameras({
    cameras: [{ name: 'Found', seconds: 2 }],
    discovery: { interfaces: ['lo'] },
  });
  const [camera] = running.cameras;
  const socket = createSocket('udp4');
  try {
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    socket.setMulticastInterface('127.0.0.1');
    const answers: string[] = [];
    socket.on('message', (message) => answers.push(message.toString()));
    const probe = () => {
      const head = `<a:MessageID xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing">uuid:1</a:MessageID>`;
      const body = '<Probe xmlns="http://schemas.xmlsoap.org/ws/2005/04/discovery"/>';
      const envelope = `<s:Header>${head}</s:Header><s:Body>${body}</s:Body>`;
      const space = 'xmlns:s="http://www.w3.org/2003/05/soap-envelope"';
      socket.send(`<s:Envelope ${space}>${envelope}</s:Envelope>`, 3702, '239.255.255.250');
    };
    const isOurs = (answer: string) => answer.includes(camera!.onvifUrl);
    probe();
    await until('an answer', () => answers.some(isOurs));

    await camera!.fault({ refuse: true });
    answers.length = 0;
    // Somebody else answers the probe after ours could have: a second camera, on again in the same process.
    const other = await startVirtualCameras({
      cameras: [{ name: 'Found', seconds: 2 }],
      discovery: { interfaces: ['lo'] },
    });
    probe();
    await until("the other's answer", () =>
      answers.some((answer) => answer.includes(other.cameras[0]!.onvifUrl)),
    );
    assert.equal(answers.some(isOurs), false);
    await other.close();
  } finally {
    socket.close();
    await running.close();
  }
});
