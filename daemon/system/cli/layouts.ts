import { readFile } from 'node:fs/promises';
import { text as readText } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { type Layout, type LayoutBody, MOST_SCREENS, type Tile, type Wall } from '../../schema.ts';
import { CliError } from './client.ts';
import { type Context, path } from './context.ts';
import { rounded, table } from './output.ts';

/** Seconds. */
const DEFAULT_DWELL = 30;

export function layoutCommands(program: Command, context: () => Context): void {
  program
    .command('layouts')
    .description('all layouts')
    .action(async () => {
      const { client, show } = context();
      show(await client.call<{ layouts: Layout[] }>('GET', '/api/layouts'), ({ layouts }) =>
        table(
          ['name', 'tiles', 'cameras'],
          layouts.map(({ name, tiles }) => [
            name,
            tiles.length,
            tiles.flatMap((tile) => tile.cameras).join(', '),
          ]),
          'No layouts yet: the wall shows every camera in an even grid.',
        ),
      );
    });

  const layout = program.command('layout').description('one layout: show, set, remove');

  layout
    .command('show')
    .description('the tiles of a layout')
    .argument('<layout>')
    .action(async (name: string) => {
      const { client, show } = context();
      show(await client.call<Layout>('GET', path('layouts', name)), ({ tiles }) =>
        table(
          ['x', 'y', 'width', 'height', 'cameras', 'fit'],
          tiles.map((tile) => [
            rounded(tile.x, 4),
            rounded(tile.y, 4),
            rounded(tile.width, 4),
            rounded(tile.height, 4),
            tile.cameras.join(', '),
            tile.fit,
          ]),
          'No tiles.',
        ),
      );
    });

  layout
    .command('set')
    .description('make or replace a layout: an even grid, or from a file')
    .argument('<layout>', 'name')
    .argument('[camera...]', 'cameras of the grid, row by row; - leaves a tile empty')
    .option('--grid <columns>x<rows>', 'default: just large enough for the cameras')
    .option('--file <file>', 'JSON as `walleye layout show --json` prints it; - is standard input')
    .action(async (name: string, cameras: string[], options: { grid?: string; file?: string }) => {
      const { client, show } = context();
      if ((options.file === undefined) === (cameras.length === 0 && options.grid === undefined))
        throw new CliError(2, 'usage', 'Give either cameras (and --grid) or --file.');
      const body = options.file === undefined ? grid(cameras, options.grid) : await fromFile(options.file);
      const saved = await client.call<Layout>('PUT', path('layouts', name), body);
      show(saved, ({ tiles }) => `Saved ${name} with ${tiles.length} tiles.`);
    });

  layout
    .command('remove')
    .description('delete a layout that the wall does not show')
    .argument('<layout>')
    .action(async (name: string) => {
      const { client, show } = context();
      await client.call('DELETE', path('layouts', name));
      show({ removed: name }, () => `Removed ${name}.`);
    });

  const wall = program
    .command('wall')
    .description('what the screen shows: layouts in turn')
    .addOption(screenOption())
    .action(async ({ screen }: OfScreen) => {
      const { client, show } = context();
      show(await client.call<Wall>('GET', wallPath(screen)), describeWall);
    });

  wall
    .command('set')
    .description('show these layouts in turn; none: every camera in an even grid')
    .argument('[layout...]', 'NAME or NAME:SECONDS')
    .addOption(screenOption())
    .action(async (items: string[], _own: OfScreen, command: Command) => {
      const { client, show } = context();
      // `walleye wall --screen 2 set …` says it too.
      const { screen } = command.optsWithGlobals<OfScreen>();
      const sequence = items.map((item) => {
        const [layoutName = '', seconds = DEFAULT_DWELL] = item.split(':');
        return { layout: layoutName, dwell_seconds: Number(seconds) };
      });
      show(await client.call<Wall>('PUT', wallPath(screen), { sequence }), describeWall);
    });

  wall
    .command('follow')
    .description('let a further screen show what screen 1 shows')
    .addOption(screenOption())
    .action(async (_own: OfScreen, command: Command) => {
      const { client, show } = context();
      const { screen } = command.optsWithGlobals<OfScreen>();
      if (screen === undefined || screen === '1')
        throw new CliError(2, 'usage', 'Which screen? Give --screen 2, 3 or 4.');
      await client.call('DELETE', wallPath(screen));
      show({ screen: Number(screen) }, () => `Screen ${screen} shows what screen 1 shows.`);
    });
}

interface OfScreen {
  screen?: string;
}

const SCREENS = Array.from({ length: MOST_SCREENS }, (_, index) => String(index + 1));

function screenOption(): Option {
  return new Option('--screen <number>', 'where the box has several; default 1').choices(SCREENS);
}

const wallPath = (screen: string | undefined): string =>
  screen === undefined || screen === '1' ? '/api/wall' : path('walls', screen);

function describeWall({ sequence }: Wall): string {
  return table(
    ['layout', 'seconds'],
    sequence.map((item) => [item.layout, item.dwell_seconds]),
    'The wall shows every camera in an even grid.',
  );
}

/** An even grid, at least as large as the cameras need, as near to a square as can be. */
export function grid(cameras: string[], shape: string | undefined): LayoutBody {
  const wide = Math.max(1, Math.ceil(Math.sqrt(cameras.length)));
  const given = /^(\d{1,2})x(\d{1,2})$/.exec(
    shape ?? `${wide}x${Math.max(1, Math.ceil(cameras.length / wide))}`,
  );
  const columns = Number(given?.[1] ?? 0);
  const rows = Number(given?.[2] ?? 0);
  if (columns < 1 || rows < 1)
    throw new CliError(2, 'usage', `--grid ${shape}: give columns x rows, for example 3x3.`);
  if (cameras.length > columns * rows)
    throw new CliError(2, 'usage', `${cameras.length} cameras do not fit into ${columns}x${rows} tiles.`);
  const tiles = Array.from({ length: columns * rows }, (_, index): Tile => {
    const camera = cameras[index];
    return {
      x: (index % columns) / columns,
      y: Math.floor(index / columns) / rows,
      width: 1 / columns,
      height: 1 / rows,
      cameras: camera === undefined || camera === '-' ? [] : [camera],
    };
  });
  return { tiles };
}

async function fromFile(file: string): Promise<LayoutBody> {
  try {
    const { tiles } = JSON.parse(
      file === '-' ? await readText(process.stdin) : await readFile(file, 'utf8'),
    ) as LayoutBody;
    return { tiles };
  } catch (cause) {
    const message = `${file} cannot be read as a layout: ${cause instanceof Error ? cause.message : cause}`;
    throw new CliError(2, 'unreadable', message, { cause });
  }
}
