import type { Command } from 'commander';
import type { AlarmList, Camera, Layout, RememberedCredential, Settings, StreamList } from '../../schema.ts';
import type { Client } from './client.ts';
import type { Context } from './context.ts';

/** Milliseconds: nobody waits longer for a Tab. */
const PATIENCE = 1_000;

/** Words that begin a command line are completed by asking the program itself, names by asking the daemon. */
const BASH = `_walleye() {
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  mapfile -t COMPREPLY < <("\${COMP_WORDS[0]}" __complete -- "\${words[@]}" 2>/dev/null)
}
complete -o default -F _walleye walleye`;

/** Arguments whose values the daemon knows. */
const NAMES: Record<string, (client: Client) => Promise<string[]>> = {
  stream: async (client) => {
    const { streams } = await client.call<StreamList>('GET', '/api/streams');
    return streams.map(({ name }) => name);
  },
  camera: async (client) => {
    const { cameras } = await client.call<{ cameras: Camera[] }>('GET', '/api/cameras');
    return cameras.map(({ id }) => id);
  },
  layout: async (client) => {
    const { layouts } = await client.call<{ layouts: Layout[] }>('GET', '/api/layouts');
    return layouts.map(({ name }) => name);
  },
  alarm: async (client) => {
    const { active } = await client.call<AlarmList>('GET', '/api/alarms');
    return ['all', ...active.map(({ id }) => id)];
  },
  credential: async (client) => {
    const answer = await client.call<{ credentials: RememberedCredential[] }>('GET', '/api/credentials');
    return answer.credentials.map(({ id }) => String(id));
  },
  setting: async (client) => Object.keys(await client.call<Settings>('GET', '/api/settings')),
};

export function completionCommands(program: Command, context: () => Context): void {
  program
    .command('completion')
    .description('completion for a shell: eval "$(walleye completion bash)"')
    .addArgument(program.createArgument('<shell>').choices(['bash']))
    .action(() => context().print(BASH));

  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) => {
      const { client, print } = context();
      const found = await candidates(program, words, client.within(PATIENCE));
      if (found.length > 0) print(found.join('\n'));
    });
}

/** What can stand in the place of the last word. */
async function candidates(program: Command, words: string[], client: Client): Promise<string[]> {
  const begun = words.at(-1) ?? '';
  let command = program;
  let position = 0;
  for (const word of words.slice(0, -1)) {
    const next = position === 0 ? command.commands.find((one) => one.name() === word) : undefined;
    if (next) command = next;
    else if (!word.startsWith('-')) position++;
  }
  const fitting = (all: string[]) => all.filter((one) => one.startsWith(begun));
  if (begun.startsWith('-'))
    return fitting(
      [...command.options, ...program.options].filter(({ hidden }) => !hidden).map(({ long }) => long ?? ''),
    );
  const subcommands = command.createHelp().visibleCommands(command);
  const found = position === 0 ? subcommands.map((one) => one.name()) : [];
  const declared = command.registeredArguments;
  const argument = declared[position] ?? (declared.at(-1)?.variadic ? declared.at(-1) : undefined);
  if (argument?.argChoices) found.push(...argument.argChoices);
  // A daemon that does not answer has no names.
  if (argument) found.push(...((await NAMES[argument.name()]?.(client).catch(() => [])) ?? []));
  return fitting(found);
}
