import { type Command, InvalidArgumentError } from 'commander';
import type { Ptz, PtzCommand } from '../../schema.ts';
import { CliError } from './client.ts';
import { type Context, path } from './context.ts';
import { facts, table } from './output.ts';
import { number } from './streams.ts';

/** Directions as people say them; speed is how fast. */
const WAYS: Record<string, (speed: number) => { pan?: number; tilt?: number; zoom?: number }> = {
  left: (speed) => ({ pan: -speed }),
  right: (speed) => ({ pan: speed }),
  up: (speed) => ({ tilt: speed }),
  down: (speed) => ({ tilt: -speed }),
  in: (speed) => ({ zoom: speed }),
  out: (speed) => ({ zoom: -speed }),
};
const OTHERS = ['to', 'by', 'stop', 'home', 'preset', 'set-preset', 'remove-preset'];
const DEFAULT_SPEED = 0.5;
/** Seconds: a nudge. */
const DEFAULT_SECONDS = 0.5;

function share(text: string): number {
  const value = number(text);
  if (value <= 0 || value > 1) throw new InvalidArgumentError('Give a number above 0, at most 1.');
  return value;
}

export function ptzCommand(program: Command, context: () => Context): void {
  program
    .command('ptz')
    .description('move a camera; without a direction: what it can do, and its presets')
    .argument('<camera>', 'id')
    .addArgument(
      program
        .createArgument('[direction]', 'left, right, up, down, in, out; or one of the others')
        .choices([...Object.keys(WAYS), ...OTHERS]),
    )
    .argument('[preset]', 'for preset and remove-preset: its token; for set-preset: the name of the new one')
    .option('--speed <0-1>', 'how fast', share, DEFAULT_SPEED)
    .option('--seconds <n>', 'how long', number, DEFAULT_SECONDS)
    .option('--pan <n>', 'for to and by: -1 to 1', number)
    .option('--tilt <n>', 'for to and by: -1 to 1', number)
    .option('--zoom <n>', 'for to: 0 to 1; for by: -1 to 1', number)
    .action(
      async (
        camera: string,
        direction: string | undefined,
        preset: string | undefined,
        options: PtzOptions,
      ) => {
        const { client, show } = context();
        const url = path('cameras', camera, '/ptz');
        if (direction === undefined) return show(await client.call<Ptz>('GET', url), describe);
        const command = commandOf(direction, preset, options);
        await client.call('POST', url, command);
        return show(command, () => `Done: ${[direction, preset].filter(Boolean).join(' ')}.`);
      },
    );
}

interface PtzOptions {
  speed: number;
  seconds: number;
  pan?: number;
  tilt?: number;
  zoom?: number;
}

function commandOf(
  direction: string,
  preset: string | undefined,
  { speed, seconds, pan, tilt, zoom }: PtzOptions,
): PtzCommand {
  const way = WAYS[direction];
  if (way) return { action: 'move', ...way(speed), seconds };
  if (direction === 'to' || direction === 'by') {
    const given = Object.entries({ pan, tilt, zoom }).filter(([, value]) => value !== undefined);
    if (given.length === 0)
      throw new CliError(
        2,
        'usage',
        `Say where: walleye ptz CAMERA ${direction} --pan 0.5 --tilt 0 --zoom 0.2`,
      );
    return { action: direction === 'to' ? 'absolute_move' : 'relative_move', ...Object.fromEntries(given) };
  }
  if (direction === 'stop' || direction === 'home') return { action: direction };
  if (preset === undefined)
    throw new CliError(2, 'usage', `Name the preset: walleye ptz CAMERA ${direction} PRESET`);
  if (direction === 'set-preset') return { action: 'set_preset', name: preset };
  return { action: direction === 'preset' ? 'preset' : 'remove_preset', preset };
}

function describe({ supported, home, absolute, relative, position, presets }: Ptz): string {
  if (!supported) return 'This camera cannot be moved.';
  const general = facts([
    ['home position', home],
    ['to a place', absolute],
    ['by a part', relative],
    ['pan', position?.pan],
    ['tilt', position?.tilt],
    ['zoom', position?.zoom],
  ]);
  const list = table(
    ['preset', 'name'],
    presets.map((one) => [one.preset, one.name]),
    'No presets.',
  );
  return `${general}\n\n${list}`;
}
