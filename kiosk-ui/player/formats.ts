/** In which forms a browser can take pictures. */
import type { LiveFormat } from '../../daemon/schema.ts';
import { hasMediaSource } from './mediaSources.ts';

const ALL: readonly LiveFormat[] = ['mp4', 'annexb', 'jpeg'];

/**
 * The best first. Media Source Extensions before WebCodecs: decoded and painted by the browser itself, without a copy on the
 * page's thread. WebCodecs are kept from pages that came over plain HTTP. JPEGs every browser shows.
 */
export function browserFormats(): LiveFormat[] {
  if (hasMediaSource()) return ['mp4', 'jpeg'];
  return typeof VideoDecoder === 'undefined' ? ['jpeg'] : ['annexb', 'jpeg'];
}

/** A list like `mp4,jpeg`, of an attribute or an address (`?formats=jpeg`); undefined where it names no format. */
export function formatsIn(list: string | null): LiveFormat[] | undefined {
  const named = (list ?? '').split(/[\s,]+/);
  const formats = ALL.filter((format) => named.includes(format));
  formats.sort((a, b) => named.indexOf(a) - named.indexOf(b));
  return formats.length > 0 ? formats : undefined;
}
