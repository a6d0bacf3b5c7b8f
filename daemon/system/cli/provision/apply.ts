/** Carries out a plan over the API. */
import { CliError, type Client } from '../client.ts';
import { type Call, type Change, ORDER, type Problem, type Step, wallWords } from './steps.ts';

export interface Applied {
  changes: Change[];
  problems: Problem[];
}

/** Cameras that are asked over ONVIF at once: a dead one takes ten seconds. */
const AT_ONCE = 8;

/**
 * What is refused becomes a problem, and the others are done all the same.
 * @param tell called for each change when it is made
 * @throws CliError 3 when the daemon stops answering
 */
export async function applySteps(
  client: Client,
  steps: Step[],
  tell: (change: Change) => void,
): Promise<Applied> {
  const applied: Applied = { changes: [], problems: [] };
  const lacking = new Set<string>();
  const perform = async (step: Step) => {
    const { what, name } = step;
    const without = LESS[what]?.(step.calls, lacking) ?? { calls: step.calls, left: [] };
    try {
      for (const { method, path, body } of without.calls) await checked(client, { method, path, body });
    } catch (error) {
      if (!(error instanceof CliError) || error.exitCode !== 1) throw error;
      applied.problems.push({
        where: what === 'wall' ? wallWords(Number(name || 1)) : `${what} ${name}`.trim(),
        message: error.message,
      });
      if (what === 'camera' && step.change !== 'changed') lacking.add(name);
      return;
    }
    const { change, fields } = step;
    const made: Change = { what, name, change, fields };
    applied.changes.push(made);
    tell(made);
    if (without.left.length > 0)
      applied.problems.push({
        where: `${what} ${name}`.trim(),
        message: `is there without ${without.left.join(', ')}, which could not be added`,
      });
  };
  for (const what of ORDER) {
    const queue = steps.filter((step) => step.what === what);
    const worker = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) await perform(next);
    };
    await Promise.all(Array.from({ length: what === 'camera' ? AT_ONCE : 1 }, worker));
  }
  return applied;
}

interface ConfigResult {
  failed: { name: string; message: string }[];
}

/** `POST /api/config/streams` answers 200 and says in it what it refused. */
async function checked(client: Client, { method, path, body }: Call): Promise<void> {
  const answer = await client.call<Partial<ConfigResult> | undefined>(method, path, body);
  const failed = path === '/api/config/streams' ? answer?.failed?.[0] : undefined;
  if (failed) throw new CliError(1, 'refused', `${failed.name}: ${failed.message}`);
}

interface Less {
  calls: Call[];
  left: string[];
}

/** A camera that does not answer today shall not cost the wall its layout, nor the others their recording. */
const LESS: Partial<Record<Step['what'], (calls: Call[], lacking: ReadonlySet<string>) => Less>> = {
  layout: layoutWithout,
  recording: recordingWithout,
};

function recordingWithout(calls: Call[], lacking: ReadonlySet<string>): Less {
  const left = new Set<string>();
  const smaller = calls.map((call) => {
    const body = call.body as { cameras: Record<string, unknown> };
    for (const id of Object.keys(body.cameras)) if (lacking.has(id)) left.add(id);
    const cameras = Object.entries(body.cameras).filter(([id]) => !lacking.has(id));
    return { ...call, body: { ...body, cameras: Object.fromEntries(cameras) } };
  });
  return { calls: smaller, left: [...left] };
}

function layoutWithout(calls: Call[], lacking: ReadonlySet<string>): Less {
  const left = new Set<string>();
  const smaller = calls.map((call) => {
    const body = call.body as { tiles: { cameras: string[] }[] };
    const tiles = body.tiles.map((tile) => {
      for (const id of tile.cameras) if (lacking.has(id)) left.add(id);
      return { ...tile, cameras: tile.cameras.filter((id) => !lacking.has(id)) };
    });
    return { ...call, body: { ...body, tiles } };
  });
  return left.size === 0 ? { calls, left: [] } : { calls: smaller, left: [...left] };
}
