import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../e2e/browser.ts';

/** A browser whose page may be made up: one that was not fetched from loopback may usually not ask it for anything. */
export function launchForDaemon(args: readonly string[] = []): Promise<Browser> {
  return launchBrowser(['--disable-features=LocalNetworkAccessChecks', ...args]);
}

/** A page at the daemon's own address, so that its socket is open to it, with nothing in it but `body`. */
export async function openOnDaemon(page: Page, url: string, style: string, body: string): Promise<void> {
  const html = `<!doctype html><meta charset="utf-8"><style>${style}</style><body>${body}`;
  const address = `${url}/bench`;
  await page.route(address, (route) => route.fulfill({ contentType: 'text/html', body: html }));
  await page.goto(address, { waitUntil: 'commit' });
  // Else every request of the page would be asked about.
  await page.unroute(address);
}
