import { createInterface } from 'node:readline';
import type { ReadStream } from 'node:tty';
import { CliError } from './client.ts';

/**
 * Asks for a password and does not show it. Without a terminal the first line of standard input is the password, so
 * that scripts need not put it on the command line, where `ps` shows it to everybody.
 */
export async function askPassword(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) return firstLine();
  const password = typed(stdin);
  stderr.write(prompt); // echo is off by now
  return password.finally(() => stderr.write('\n'));
}

async function firstLine(): Promise<string> {
  const reader = createInterface({ input: process.stdin, terminal: false });
  for await (const line of reader) {
    reader.close();
    return line;
  }
  throw new CliError(2, 'no_password', 'A password is needed: type it, or give it on standard input.');
}

function typed(stdin: ReadStream): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let password: string[] = [];
  const onData = (data: string) => {
    for (const character of data) {
      if (character === '\r' || character === '\n') return resolve(password.join(''));
      // Ctrl-C and Ctrl-D arrive as characters while echo is off.
      if (character === '\u0003' || character === '\u0004')
        return reject(new CliError(2, 'cancelled', 'Cancelled.'));
      if (character === '\u0008' || character === '\u007f') password.pop();
      else if (character === '\u0015') password = [];
      else password.push(character);
    }
  };
  stdin.setEncoding('utf8');
  stdin.setRawMode(true);
  stdin.on('data', onData);
  stdin.resume();
  return promise.finally(() => {
    stdin.off('data', onData);
    stdin.setRawMode(false);
    stdin.pause();
  });
}
