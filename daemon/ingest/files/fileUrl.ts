/** The address of pictures that lie on this machine: `file:///srv/pictures?fps=2` (RFC 8089). Pure. */

/** Pictures a second. */
const SLOWEST = 0.01;
const FASTEST = 60;

export interface FileUrl {
  /** Of a folder or a file, absolute. */
  readonly path: string;
  /** Undefined: as usual for what it is. */
  readonly fps: number | undefined;
  /** The address once more, in one spelling. */
  readonly requestUrl: string;
}

export const isFileUrl = (text: string) => /^\s*file:/i.test(text);

/** Never throws: `invalid` is a sentence for people. */
export function parseFileUrl(text: string): FileUrl | { readonly invalid: string } {
  const match = /^file:\/\/(?:localhost)?(\/[^?#]*)(?:\?([^#]*))?$/i.exec(text.trim().toWellFormed());
  if (!match?.[1] || text.length > 4096)
    return { invalid: 'the address of pictures on this box looks like file:///srv/pictures?fps=2' };
  const path = decoded(match[1]);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no file name that somebody typed has them, and none may hold a NUL
  if (/[\u0000-\u001f\u007f]/.test(path)) return { invalid: 'the address holds control characters' };
  const [, query] = match.slice(1);
  if (query !== undefined && !query.startsWith('fps='))
    return { invalid: 'behind the path of a file only ?fps= is known' };
  const asked = query?.slice('fps='.length);
  const fps = asked === undefined ? undefined : /^\d+(\.\d+)?$/.test(asked) ? Number(asked) : Number.NaN;
  if (fps !== undefined && !(fps >= SLOWEST && fps <= FASTEST))
    return { invalid: `fps is a number of pictures a second, ${SLOWEST} to ${FASTEST}` };
  const spelt = path.split('/').map(encodeURIComponent).join('/');
  return { path, fps, requestUrl: `file://${spelt}${fps === undefined ? '' : `?fps=${fps}`}` };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a plain `%` in a name
  }
}
