import type { SiteHost } from '../schema.ts';
import type { HostFile } from './hostFile.ts';
import { networkdProblem, siteNetworkName } from './networkdFile.ts';
import { NETWORK_FOLDER } from './networkFiles.ts';
import { readSiteHost } from './siteHead.ts';
import type { SourceFiles } from './sources.ts';
import { readJson, readText } from './sourceText.ts';
import { readKeys } from './sshKeys.ts';

/** What a source asks for. */
export interface Wanted {
  host: SiteHost;
  /** The site's own files of systemd-networkd; undefined: it brings none, and those of before stay. */
  network: HostFile[] | undefined;
  /** For the daemon's command, as text; undefined: the source asks nothing of the daemon. */
  site: string | undefined;
  cameras: string | undefined;
}

/**
 * Reads all that lies in a source. One fault, and nothing of it is taken: half of what was asked for is a machine that
 * nobody has described. The semantics of `host`: checkHost.
 */
export function judgeSource({
  files,
  problems: unread,
}: SourceFiles): { wanted: Wanted } | { problems: string[] } {
  const problems = [...unread];
  const texts = new Map<string, string>();
  for (const [name, bytes] of files) {
    const text = readText(bytes);
    if ('value' in text) texts.set(name, text.value);
    else problems.push(`${name} ${text.problem}`);
  }
  const wanted: Wanted = {
    host: hostOf(texts, problems),
    network: networkOf(texts, problems),
    site: texts.get('site.json'),
    cameras: texts.get('cameras.csv'),
  };
  return problems.length > 0 ? { problems } : { wanted };
}

/** The keys of the file besides those of the site file. */
function hostOf(texts: ReadonlyMap<string, string>, problems: string[]): SiteHost {
  let host: SiteHost = {};
  const site = texts.get('site.json');
  if (site !== undefined) {
    const json = readJson(site);
    const read = 'value' in json ? readSiteHost(json.value) : { problems: [json.problem] };
    if ('host' in read) host = read.host;
    else problems.push(...read.problems.map((problem) => `site.json: ${problem}`));
  }
  const keys = texts.get('authorized_keys');
  if (keys === undefined) return host;
  const read = readKeys(keys);
  problems.push(...read.problems.map((problem) => `authorized_keys: ${problem}`));
  return { ...host, authorized_keys: [...(host.authorized_keys ?? []), ...read.keys] };
}

function networkOf(texts: ReadonlyMap<string, string>, problems: string[]): HostFile[] | undefined {
  const given = [...texts].filter(([name]) => name.startsWith('network/'));
  if (given.length === 0) return undefined;
  return given.flatMap(([from, content]) => {
    const name = siteNetworkName(from.slice('network/'.length));
    const problem = name === undefined ? 'has a name that is not taken' : networkdProblem(name, content);
    if (problem !== undefined) problems.push(`${from} ${problem}`);
    return name === undefined
      ? []
      : [{ path: `${NETWORK_FOLDER}/${name}`, content, mode: 0o644, concerns: 'network' }];
  });
}
