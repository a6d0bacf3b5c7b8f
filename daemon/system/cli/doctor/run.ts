/** `walleye doctor` at work. */
import { readFile } from 'node:fs/promises';
import { viewDaemon } from '../../doctor/daemonView.ts';
import { examine } from '../../doctor/examine.ts';
import { LocalMachine } from '../../doctor/localMachine.ts';
import { renderPage, verdict } from '../../doctor/render.ts';
import { CliError } from '../client.ts';
import type { Context } from '../context.ts';

/** Milliseconds for one answer of the daemon, and for all of them. */
const PATIENCE = 5_000;
const LIMIT = 15_000;

/** @throws CliError 1 when something is wrong, 3 when the daemon does not answer; the page is printed before */
export async function doctor({ client, show }: Context): Promise<void> {
  const end = performance.now() + LIMIT;
  const ask = <T>(path: string): Promise<T> =>
    client.within(Math.max(1, Math.min(PATIENCE, end - performance.now()))).call<T>('GET', path);
  const page = await examine({
    machine: new LocalMachine(),
    daemon: viewDaemon(ask, (error) => error instanceof CliError && error.exitCode === 3),
    installed: await installedVersion(),
    root: process.getuid?.() === 0,
  });
  show(page, renderPage);
  if (page.daemon === 'silent')
    throw new CliError(3, 'unreachable', `the daemon does not answer at ${client.url}. ${verdict(page)}`);
  if (page.counts.wrong > 0) throw new CliError(1, 'unwell', verdict(page));
}

async function installedVersion(): Promise<string | undefined> {
  try {
    const text = await readFile(new URL('../../../../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(text) as { version?: unknown };
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}
