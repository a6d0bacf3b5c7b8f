import type { Vault } from './vault.ts';

/** Columns of a stream with an address. */
export const URL_COLUMNS = ['rtsp_url', 'snapshot_url'] as const;
export type UrlColumn = (typeof URL_COLUMNS)[number];

/**
 * Some cameras want the login in the address (XiongMai: `/user=admin_password=x_channel=1.sdp`, many snapshots:
 * `?user=…&password=…`; ingest/sourceUrl.ts knows the same names).
 */
const SECRETS = /((?:^|[?&/_;])(?:password|passwd|pass|pwd|psw|token|auth)=)[^&/_;#]+/gi;
/** Behind it the whole address, sealed. No address that is stored holds a fragment: cameras never see one. */
const MARK = '#sealed:';

/** As it is kept: an address with a login in it is blotted out, and sealed as a whole. @throws StoreError `io` without a key */
export function sealUrl(url: string, stream: string, column: UrlColumn, vault: Vault): string {
  const shown = url.replace(SECRETS, '$1***');
  if (shown === url || url.includes(MARK)) return url;
  return `${shown}${MARK}${vault.seal('stream', place(stream, column), url).toString('base64')}`;
}

/** What was given to `sealUrl`; undefined when the key is another one. */
export function openUrl(kept: string, stream: string, column: UrlColumn, vault: Vault): string | undefined {
  const at = kept.indexOf(MARK);
  if (at < 0) return kept;
  return vault.open('stream', place(stream, column), Buffer.from(kept.slice(at + MARK.length), 'base64'));
}

/** With the login blotted out, when it cannot be opened. */
export function shownUrl(kept: string): string {
  const at = kept.indexOf(MARK);
  return at < 0 ? kept : kept.slice(0, at);
}

/** Names of streams hold no slash. */
const place = (stream: string, column: UrlColumn) => `${stream}/${column}`;
