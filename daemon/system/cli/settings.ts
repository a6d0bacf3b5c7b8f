import type { Command } from 'commander';
import type { Settings, SettingsPatch } from '../../schema.ts';
import { CliError } from './client.ts';
import type { Context } from './context.ts';
import { facts } from './output.ts';

const WORDS: Record<string, boolean> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

export function settingsCommand(program: Command, context: () => Context): void {
  program
    .command('settings')
    .description('what belongs to the box as a whole: name, time zone, language, what the wall shows')
    .argument('[setting...]', 'NAME=VALUE sets it; NAME alone shows it; - empties it')
    .action(async (items: string[]) => {
      const { client, show } = context();
      let settings = await client.call<Settings>('GET', '/api/settings');
      const changes = items.filter((item) => item.includes('='));
      const names = items.filter((item) => !item.includes('='));
      for (const name of names) requireKnown(name, settings);
      if (changes.length > 0) {
        const patch = Object.fromEntries(changes.map((change) => entry(change, settings))) as SettingsPatch;
        settings = await client.call<Settings>('PATCH', '/api/settings', patch);
      }
      show(settings, (all) => {
        const shown = Object.entries(all).filter(([name]) => names.length === 0 || names.includes(name));
        return facts(shown.map(([name, value]) => [name, value]));
      });
    });
}

function requireKnown(name: string, settings: Settings): void {
  if (name in settings) return;
  const message = `There is no setting ${name}. Settings: ${Object.keys(settings).join(', ')}.`;
  throw new CliError(2, 'usage', message);
}

/** The value as the setting that is there has it; what may not be is the daemon's to say. */
function entry(change: string, settings: Settings): [string, unknown] {
  const name = change.slice(0, change.indexOf('='));
  const text = change.slice(name.length + 1);
  requireKnown(name, settings);
  const before: unknown = settings[name as keyof Settings];
  if (typeof before === 'number' && text.trim() !== '' && Number.isFinite(Number(text)))
    return [name, Number(text)];
  if (typeof before === 'boolean' && text in WORDS) return [name, WORDS[text]];
  return [name, text === '-' || text === '' ? null : text];
}
