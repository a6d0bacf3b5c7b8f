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
const OTHERS = ['stop', 'home', 'preset', 'set-preset', 'remove-preset'];
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
    .action(
      async (
        camera: string,
        direction: string | undefined,
        preset: string | undefined,
        options: { speed: number; seconds: number },
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

function commandOf(
  direction: string,
  preset: string | undefined,
  { speed, seconds }: { speed: number; seconds: number },
): PtzCommand {
  const way = WAYS[direction];
  if (way) return { action: 'move', ...way(speed), seconds };
  if (direction === 'stop' || direction === 'home') return { action: direction };
  if (preset === undefined)
    throw new CliError(2, 'usage', `Name the preset: walleye ptz CAMERA ${direction} PRESET`);
  if (direction === 'set-preset') return { action: 'set_preset', name: preset };
  return { action: direction === 'preset' ? 'preset' : 'remove_preset', preset };
}

function describe({ supported, home, presets }: Ptz): string {
  if (!supported) return 'This camera cannot be moved.';
  const general = facts([['home position', home]]);
  const list = table(
    ['preset', 'name'],
    presets.map((one) => [one.preset, one.name]),
    'No presets.',
  );
  return `${general}\n\n${list}`;
}
