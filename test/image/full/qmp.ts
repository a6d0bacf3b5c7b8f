/** QEMU's own protocol, as much as it takes: one command at a time, events unheard. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

type Answer = { return?: unknown; error?: { desc: string }; event?: string };

export class Qmp {
  readonly #socket: Socket;
  readonly #answers: ((answer: Answer) => void)[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {});
    createInterface({ input: socket }).on('line', (line) => {
      const answer = JSON.parse(line) as Answer;
      if ('return' in answer || 'error' in answer) this.#answers.shift()?.(answer);
    });
    socket.once('close', () => {
      for (const waiting of this.#answers.splice(0)) waiting({ error: { desc: 'QEMU has ended' } });
    });
  }

  static async open(path: string): Promise<Qmp> {
    const socket = connect(path);
    await once(socket, 'connect');
    const qmp = new Qmp(socket);
    await qmp.ask('qmp_capabilities');
    return qmp;
  }

  /** @throws with QEMU's description */
  async ask(command: string, args: object = {}): Promise<unknown> {
    const answer = await new Promise<Answer>((resolve) => {
      this.#answers.push(resolve);
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    });
    if (answer.error) throw new Error(`${command}: ${answer.error.desc}`);
    return answer.return;
  }

  close(): void {
    this.#socket.destroy();
  }
}
