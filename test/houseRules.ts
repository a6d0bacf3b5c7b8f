/** The rules of daemon/README.md that a machine can check. Pure: sources in, sentences out. layers.test.ts applies them. */
import { posix } from 'node:path';

export const STAGES = [
  ...['discover', 'ingest', 'restream', 'rtsp', 'nal', 'jpeg', 'decode', 'mp4', 'fanout', 'record', 'store'],
  ...['system', 'host'],
];
/** What viewers get is written in the same way as what is kept; what ffmpeg copies for ingest is read. */
const MP4_USERS = ['fanout', 'record', 'ingest'];
/** Client and server say the same things, in the same bytes: rtsp/ and nal/. */
const RTSP_SPEAKERS = ['ingest', 'restream'];
/** JPEGs are cut out of what cameras and what decoders send, and into packets: jpeg/. */
const JPEG_READERS = ['ingest', 'decode', 'restream'];
/** The command line is one process with root's part: `walleye provision` does both. */
const HOST_COMMANDS = 'daemon/system/cli/';
export const LEAVES = ['daemon/frame.ts', 'daemon/schema.ts'];
/** Stages whose files are pure, so that what strangers send can be tested and fuzzed without a network or a machine … */
const PURE_STAGES = [
  'ingest',
  'restream',
  'rtsp',
  'nal',
  'jpeg',
  'decode',
  'discover',
  'mp4',
  'fanout',
  'host',
];
/** Folders of other stages that keep the same rule. */
const PURE_FOLDERS = ['daemon/system/doctor/'];
/** … but for these, and what each of them is there for. */
export const IO_FILES: Record<string, string> = {
  'daemon/ingest/cameraSocket.ts': 'the TCP or TLS socket of a session with a camera',
  'daemon/ingest/handover/sessionJournal.ts': 'writes down what goes through a connection',
  'daemon/ingest/handover/leftFolder.ts': 'reads what was written down',
  'daemon/ingest/handover/leftWire.ts': 'the socket that was left',
  'daemon/ingest/http/httpClient.ts': 'asks a camera over HTTP',
  'daemon/ingest/files/fileKind.ts': 'looks what a path leads to',
  'daemon/ingest/v4l2/videoDevice.ts': 'looks which device a name stands for',
  'daemon/ingest/v4l2/pluggedIn.ts': 'looks what is plugged in',
  'daemon/ingest/files/pictureLoop.ts': 'reads pictures of this machine',
  'daemon/restream/restreamServer.ts': 'the TCP sockets of its clients',
  'daemon/rtsp/udpTransport.ts': 'UDP sockets of a session, on either side',
  'daemon/rtsp/multicastTransport.ts': 'UDP sockets that join a group',
  'daemon/decode/ffmpegProcess.ts': 'starts ffmpeg',
  'daemon/decode/sandbox.ts': 'looks for sandbox programs and libraries',
  'daemon/decode/landlock.ts': 'asks the kernel for Landlock and finds what ffmpeg loads',
  'daemon/decode/decoderGroup.ts': "writes the decoders' control group",
  'daemon/decode/hwaccel.ts': 'looks for render nodes',
  'daemon/discover/probeSockets.ts': 'the multicast sockets',
  'daemon/discover/ssdp.ts': 'hands sockets to node-ssdp',
  'daemon/discover/smallHttp.ts': 'fetches device descriptions',
  'daemon/host/atomicWrite.ts': 'writes a file as a whole',
  'daemon/host/writeFiles.ts': 'compares with the files that are there',
  'daemon/host/applyHost.ts': 'looks for files of earlier site files',
  'daemon/host/applySource.ts': 'the same',
  'daemon/host/applied.ts': 'remembers what was taken',
  'daemon/host/pending.ts': 'keeps what the daemon has to be told',
  'daemon/host/report.ts': 'writes the report',
  'daemon/host/sources.ts': 'reads credentials, the ESP, a stick',
  'daemon/host/stick.ts': 'looks for the stick',
  'daemon/host/early.ts': 'renames what was taken from the ESP',
  'daemon/host/commands.ts': 'starts mount, systemctl and the like',
  'daemon/host/update/bootEntry.ts': 'takes a version out of the boot menu',
  'daemon/host/update/bringIn.ts': 'copies an update from a stick or folder',
  'daemon/host/update/daemonApi.ts': "reads the daemon's port",
  'daemon/host/update/factoryReset.ts': 'writes the EFI variable',
  'daemon/host/update/guardedFolder.ts': "reads the daemon's folders as a stranger's",
  'daemon/host/update/health.ts': 'reads what was shown before',
  'daemon/host/update/machine.ts': 'reads os-release and the settings',
  'daemon/host/update/signature.ts': 'looks for the keyring, makes a folder for gpg',
  'daemon/host/update/siteCertificates.ts': 'looks for certificates of the site',
  'daemon/host/update/stateFile.ts': 'reads and writes the state',
  'daemon/host/update/stickUpdate.ts': 'looks for an update on the stick',
  'daemon/host/update/sysupdate.ts': 'writes definitions',
  'daemon/host/update/update.ts': 'removes what was copied',
  'daemon/system/doctor/localMachine.ts': 'reads /sys and /proc, starts smartctl, vainfo and the like',
};
/** Every child process has one owner and a stated end. */
export const SPAWNING_FILES = [
  'daemon/decode/ffmpegProcess.ts',
  'daemon/host/commands.ts',
  'daemon/system/descriptorStore.ts',
  'daemon/system/notify.ts',
  'daemon/system/doctor/localMachine.ts',
];
const ENVIRONMENT_FILES = ['daemon/system/config.ts', 'daemon/main.ts'];
/** The composition root, in two halves: they import everything, and nobody but main imports them. */
const ROOTS = ['daemon/main.ts', 'daemon/serving.ts'];
const IO_MODULES = /^node:(net|dgram|http|https|http2|tls|dns|fs|child_process|cluster|worker_threads)(\/|$)/;
const MOST_LINES = 400;

interface Import {
  /** Path from the repository's root where it is ours, the bare specifier otherwise. */
  to: string;
  ours: boolean;
  typeOnly: boolean;
}

const IMPORT =
  /(?:^|[;\s])(?:(import|export)(\s+type\b)?[^'";]*?\bfrom\s*|import\s*\(?\s*)(['"])([^'"\n]+)\3/g;

export function importsOf(path: string, source: string): Import[] {
  return [...withoutComments(source).matchAll(IMPORT)].map(([, , type, , specifier = '']) => {
    const ours = specifier.startsWith('.');
    // `?worker&url` tells Vite how.
    const [file = ''] = specifier.split('?');
    const to = ours ? posix.join(posix.dirname(path), file) : specifier;
    return { to, ours, typeOnly: type !== undefined };
  });
}

/** All that is wrong with one file, each as a sentence that says why the rule is there. */
export function faultsOf(path: string, source: string): string[] {
  const imports = importsOf(path, source);
  const layering = imports.filter((one) => one.ours).flatMap((one) => layerFault(path, one) ?? []);
  const code = withoutComments(source);
  const faults = [...layering];

  const [, stage = ''] = path.split('/');
  const io = imports.filter((one) => !one.typeOnly && IO_MODULES.test(one.to)).map((one) => one.to);
  const pure = PURE_STAGES.includes(stage) || PURE_FOLDERS.some((folder) => path.startsWith(folder));
  if (pure && path.startsWith('daemon/') && io.length > 0 && !(path in IO_FILES)) {
    faults.push(
      `${path} imports ${io.join(', ')}: files of ${stage}/ are pure, so that what strangers send can be fuzzed ` +
        'without a network or a machine. Move the I/O to a file for it (IO_FILES in test/houseRules.ts names them).',
    );
  }
  if (io.includes('node:child_process') && path.startsWith('daemon/') && !SPAWNING_FILES.includes(path)) {
    faults.push(
      `${path} starts processes: a child has one owner and a stated end, see ${SPAWNING_FILES.join(', ')}.`,
    );
  }
  if (/\bprocess\s*\.\s*env\b/.test(code) && !ENVIRONMENT_FILES.includes(path)) {
    faults.push(
      `${path} reads process.env: settings come from daemon/system/config.ts, validated, as arguments.`,
    );
  }
  const lines = source.split('\n').length - 1;
  if (lines > MOST_LINES) {
    faults.push(
      `${path} has ${lines} lines: above ${MOST_LINES} it holds more than one idea. Split it by idea.`,
    );
  }
  if (/(^|\/)(utils?|helpers?|common|misc)(\.tsx?|\/)/i.test(path)) {
    faults.push(`${path}: name it after what it does; such names collect what belongs elsewhere.`);
  }
  return faults;
}

function layerFault(from: string, { to, typeOnly }: Import): string | undefined {
  const bad = (why: string) => `${from} imports ${to}: ${why}`;
  if (from.startsWith('kiosk-ui/')) {
    if (to.startsWith('kiosk-ui/') || (to === 'daemon/schema.ts' && typeOnly)) return undefined;
    return bad('the pages take types (`import type`) from daemon/schema.ts and nothing else of the daemon.');
  }
  if (!to.startsWith('daemon/')) return bad('the daemon runs without the pages, the scripts and the tests.');
  const isLeaf = (path: string) => LEAVES.includes(path) || path.startsWith('daemon/schema/');
  if (from !== LEAVES[0] && isLeaf(from) && to.startsWith('daemon/schema/')) return undefined;
  if (isLeaf(from)) return bad('frame and schema are leaves: they import nothing of ours.');
  if (from === ROOTS[0] || (from === ROOTS[1] && to !== ROOTS[0]) || LEAVES.includes(to)) return undefined;
  if (isLeaf(to)) return bad('the schema is imported as one: daemon/schema.ts.');
  const [, source = ''] = from.split('/');
  const [, target = ''] = to.split('/');
  if (source === target) return undefined;
  if (ROOTS.includes(to)) return bad('main is the composition root: it imports, nobody imports it.');
  if (target === 'host' && from.startsWith(HOST_COMMANDS)) return undefined;
  if (target === 'mp4' && MP4_USERS.includes(source)) return undefined;
  if (target === 'jpeg' && JPEG_READERS.includes(source)) return undefined;
  if ((target === 'rtsp' || target === 'nal') && RTSP_SPEAKERS.includes(source)) return undefined;
  if (STAGES.includes(source)) {
    return bad(
      `stages import leaves only, never one another: join ${source} and ${target} in daemon/camera/.`,
    );
  }
  if (source === 'camera') {
    return STAGES.includes(target)
      ? undefined
      : bad('camera joins the stages and knows nothing above itself.');
  }
  if (source === 'api') {
    return STAGES.includes(target) || target === 'camera'
      ? undefined
      : bad('api sits on camera and the stages.');
  }
  return bad(`daemon/${source} is no known layer: see the import rule in daemon/README.md.`);
}

/** Circles of imports that remain when types are erased, each as `a → b → a`. */
export function cyclesOf(sources: ReadonlyMap<string, string>): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, way: string[]) => {
    if (way.includes(path)) cycles.push([...way.slice(way.indexOf(path)), path].join(' → '));
    if (way.includes(path) || done.has(path)) return;
    for (const { to, ours, typeOnly } of importsOf(path, sources.get(path) ?? '')) {
      if (ours && !typeOnly) visit(to, [...way, path]);
    }
    done.add(path);
  };
  for (const path of sources.keys()) visit(path, []);
  return cycles;
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, ' ').replace(/(^|[\s;{}(,])\/\/[^\n]*/g, '$1');
}
