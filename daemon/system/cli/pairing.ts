import type { Command } from 'commander';
import QRCode from 'qrcode';
import type { Pairing } from '../../schema.ts';
import type { Context } from './context.ts';
import { facts } from './output.ts';

/** What the box's screen shows at the first run, for a box without one. */
export function pairingCommand(program: Command, context: () => Context): void {
  program
    .command('pairing')
    .description('the code to pair a phone with at the first run, and a QR code of the admin page')
    .action(async () => {
      const { screen, show } = context();
      const pairing = await screen.call<Pairing>('GET', '/api/pairing');
      // In black on white, whatever the terminal's colours: phones read no inverted codes.
      const code = process.stdout.isTTY
        ? `${await QRCode.toString(pairing.url, { type: 'terminal', small: true, errorCorrectionLevel: 'L' })}\n`
        : '';
      show(pairing, (one) => `${code}${describe(one)}`);
    });
}

function describe({ code, expires, urls, url, fingerprint }: Pairing): string {
  const minutes = Math.max(1, Math.round((expires - Date.now() / 1000) / 60));
  return facts([
    ['code', `${code.slice(0, 3)} ${code.slice(3)}`],
    ['good for', `${minutes} min`],
    ...(urls.length > 0 ? urls : [url]).map((one, index): [string, string] => [
      index === 0 ? 'open' : 'or',
      one,
    ]),
    ...(fingerprint === null ? [] : [['certificate', fingerprint] as [string, string]]),
  ]);
}
