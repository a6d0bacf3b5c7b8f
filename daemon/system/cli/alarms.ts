import { type Command, Option } from 'commander';
import type { Alarm, AlarmAction, AlarmList, AlarmRaise, AlarmTopic } from '../../schema.ts';
import { CliError } from './client.ts';
import { type Context, path } from './context.ts';
import { table } from './output.ts';
import { number } from './streams.ts';

const TOPICS: AlarmTopic[] = [
  'motion',
  'person',
  'vehicle',
  'line',
  'digital_input',
  'tamper',
  'sound',
  'other',
];
const ACTIONS: AlarmAction[] = ['none', 'highlight', 'promote', 'full_screen'];

interface RaiseOptions {
  topic?: AlarmTopic;
  message?: string;
  fullScreen?: boolean;
  action?: AlarmAction;
  priority?: number;
  seconds?: number;
  sound?: boolean;
}

export function alarmCommands(program: Command, context: () => Context): void {
  program
    .command('alarms')
    .description('what calls the operator’s eye now, and what did lately')
    .action(async () => {
      const { client, show } = context();
      show(await client.call<AlarmList>('GET', '/api/alarms'), ({ active, recent }) =>
        table(
          ['id', 'camera', 'topic', 'on the wall', 'since', 'events', 'state', 'message'],
          [
            ...active.map((one) => row(one, one.acknowledged ? 'acknowledged' : 'active')),
            ...recent.map((one) => row(one, 'over')),
          ],
          'No alarms.',
        ),
      );
    });

  program
    .command('alarm')
    .description('raise an alarm: a frame around the camera’s tile, or what the rules say')
    .argument('<camera>', 'id')
    .addOption(new Option('--topic <topic>', 'what happened').choices(TOPICS))
    .option('--message <text>', 'shown with it')
    .option('--full-screen', 'show the camera full screen, whatever the rules say')
    .addOption(
      new Option('--action <action>', 'another way to show it').choices(ACTIONS).conflicts('fullScreen'),
    )
    .option('--priority <0-10>', 'of two alarms the higher one is shown', number)
    .option('--seconds <n>', 'how long it stays on the screen', number)
    .option('--sound', 'with a sound')
    .option('--no-sound', 'without one')
    .action(async (camera: string, options: RaiseOptions) => {
      const { client, show } = context();
      const { fullScreen, seconds, action, ...rest } = options;
      const chosen = fullScreen ? 'full_screen' : action;
      const body: AlarmRaise = {
        camera,
        ...rest,
        ...(chosen === undefined ? {} : { action: chosen }),
        ...(seconds === undefined ? {} : { hold_seconds: seconds }),
      };
      const raised = await client.call<Alarm>('POST', '/api/alarms', body);
      show(
        raised,
        (one) => `Raised ${one.id}: ${one.topic} at ${one.camera}, ${one.action.replace('_', ' ')}.`,
      );
    });

  program
    .command('acknowledge')
    .description('take an alarm off the screen')
    .argument('<alarm>', 'id, or all')
    .action(async (id: string) => {
      const { client, show } = context();
      const { active } = await client.call<AlarmList>('GET', '/api/alarms');
      const chosen = active.filter((one) => !one.acknowledged && (id === 'all' || one.id === id));
      if (chosen.length === 0 && id !== 'all')
        throw new CliError(1, 'alarm_not_found', `There is no active alarm ${id}. See: walleye alarms`);
      for (const one of chosen) await client.call('DELETE', path('alarms', one.id));
      show({ acknowledged: chosen.map((one) => one.id) }, () => `Acknowledged ${chosen.length}.`);
    });
}

function row(alarm: Alarm, state: string): (string | number | null)[] {
  const since = new Date(alarm.since * 1000).toISOString().slice(0, 19).replace('T', ' ');
  const { id, camera, topic, action, events, message } = alarm;
  return [id, camera, topic, action, `${since} UTC`, events, state, message];
}
