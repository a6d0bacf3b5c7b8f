/** The section on the GPU, what it decodes, and the screens on it. */
import type { DoctorLine } from '../../schema.ts';
import type { DaemonView, OpenDaemon } from './daemonView.ts';
import { fact, look, unknown, well, wrong } from './line.ts';
import { type Machine, outputOf, targetName, textOf, whyNoOutput } from './machine.ts';
import { parseVainfo } from './vainfo.ts';
import { counted, joined } from './words.ts';

/** Intel, AMD, NVIDIA: without their drivers there is neither hardware decoding nor a screen at its full size. */
const REAL_MAKERS = new Set(['0x8086', '0x1002', '0x10de']);

export async function gpuLines(machine: Machine, view: DaemonView, kiosk: boolean): Promise<DoctorLine[]> {
  const nodes = (await machine.list('/dev/dri')).filter((name) => /^renderD\d+$/.test(name));
  const groups = await Promise.all([
    pciLines(machine),
    nodeLines(machine, nodes),
    outputLines(machine, kiosk),
    cecLines(machine),
  ]);
  const [pci = [], render = [], outputs = [], cec = []] = groups;
  const decoders =
    view.state === 'open'
      ? decoderLines(view, nodes.length > 0)
      : [unknown('gpu.decoder', 'Decoder', 'the daemon does not tell')];
  return [...pci, ...render, ...decoders, ...outputs, ...cec];
}

async function pciLines(machine: Machine): Promise<DoctorLine[]> {
  const slots = (await machine.list('/sys/bus/pci/devices')).slice(0, 512);
  const classes = await Promise.all(
    slots.map((slot) => textOf(machine, `/sys/bus/pci/devices/${slot}/class`)),
  );
  const gpus = slots.filter((_slot, index) => classes[index]?.startsWith('0x03'));
  if (gpus.length === 0) return [fact('gpu.pci', 'GPU', 'none on PCI')];
  const names = await pciNames(machine);
  return Promise.all(
    gpus.map(async (slot) => {
      const base = `/sys/bus/pci/devices/${slot}`;
      const [vendor = '', device = '', driver] = await Promise.all([
        textOf(machine, `${base}/vendor`),
        textOf(machine, `${base}/device`),
        targetName(machine, `${base}/driver`),
      ]);
      const ids = `${vendor.slice(2)}:${device.slice(2)}`;
      const text = joined([names.get(slot), `[${ids}]`, driver ? `driver ${driver}` : 'no driver'], ' ');
      const id = `gpu.pci.${slot}`;
      if (driver !== undefined) return fact(id, 'GPU', text);
      const advice =
        'Its driver is missing or refused it: is nomodeset on the kernel’s command line? See the kernel’s log.';
      return (REAL_MAKERS.has(vendor) ? wrong : look)(id, 'GPU', text, advice);
    }),
  );
}

/** Slot → maker and device, as `lspci -Dmm` knows them: `0000:00:02.0 "VGA compatible controller" "Intel …" "Atom …" …` */
async function pciNames(machine: Machine): Promise<ReadonlyMap<string, string>> {
  const text = (await outputOf(machine, 'lspci', '-Dmm')) ?? '';
  return new Map(
    text.split('\n').flatMap((row) => {
      const [slot = ''] = row.split(' ', 1);
      const [, maker, device] = [...row.matchAll(/"([^"]{0,200})"/g)].map(([, words = '']) => words);
      return maker === undefined || device === undefined ? [] : [[slot, `${maker} ${device}`] as const];
    }),
  );
}

async function nodeLines(machine: Machine, nodes: readonly string[]): Promise<DoctorLine[]> {
  if (nodes.length === 0)
    return [
      fact('gpu.render', 'Render nodes', 'none (/dev/dri/renderD*): pictures are decoded by the processor'),
    ];
  return Promise.all(
    nodes.slice(0, 4).map(async (node) => {
      const id = `gpu.render.${node}`;
      const path = `/dev/dri/${node}`;
      const driver = await targetName(machine, `/sys/class/drm/${node}/device/driver`);
      const ran = await machine.run('vainfo', '--display', 'drm', '--device', path);
      if (!ran.ok) return unknown(id, path, joined([driver, whyNoOutput(ran, 'vainfo')]));
      const found = parseVainfo(`${ran.out}\n${ran.err}`);
      if (found === undefined)
        return look(
          id,
          path,
          joined([driver, 'no VA-API driver serves it']),
          'Install i965-va-driver (Intel before Broadwell), intel-media-va-driver (since) or mesa-va-drivers (AMD).',
        );
      const text = joined([
        driver,
        found.driver,
        `decodes ${found.decodes.join(' ') || 'nothing'}`,
        `encodes ${found.encodes.join(' ') || 'nothing'}`,
        found.processes && 'scales',
      ]);
      return found.decodes.includes('H.264')
        ? well(id, path, text)
        : look(id, path, text, 'It does not decode H.264, so the processor does.');
    }),
  );
}

/** Which decoder the daemon chose, and how its self-tests of all came out. */
export function decoderLines({ system }: OpenDaemon, renderNode: boolean): DoctorLine[] {
  const { chosen, reason, candidates, fallbacks } = system.decode;
  const works = candidates.some((one) => one.hwaccel === chosen && one.works);
  const text = `${chosen}: ${reason}`;
  const lines: DoctorLine[] = [];
  if (!works)
    lines.push(
      wrong('gpu.decoder', 'Decoder', text, 'No decoder works, so no picture is shown: install ffmpeg anew.'),
    );
  else if (chosen === 'software' && renderNode)
    lines.push(
      look(
        'gpu.decoder',
        'Decoder',
        text,
        'There is a GPU that could do it: see why it failed below. walleye status tells more.',
      ),
    );
  else lines.push(well('gpu.decoder', 'Decoder', text));
  for (const { hwaccel, device, works, reason: why } of candidates) {
    const name = joined([`Self-test ${hwaccel}`, device], ' ');
    lines.push(fact(`gpu.self_test.${hwaccel}`, name, `${works ? 'passed' : 'failed'}: ${why}`));
  }
  if (fallbacks > 0)
    lines.push(
      look(
        'gpu.fallbacks',
        'Decoded in software',
        `${counted(fallbacks, 'picture')} although the hardware was asked`,
        'The hardware refuses these streams: their size, their profile or their number. H.264 Main or High up to 1920×1080 always works.',
        [fallbacks, 'count'],
      ),
    );
  const { version, source, path, warning } = system.ffmpeg;
  const ffmpeg = `${version} (${source}, ${path})`;
  lines.push(
    warning === null ? fact('gpu.ffmpeg', 'ffmpeg', ffmpeg) : look('gpu.ffmpeg', 'ffmpeg', ffmpeg, warning),
  );
  return lines;
}

async function outputLines(machine: Machine, kiosk: boolean): Promise<DoctorLine[]> {
  const names = (await machine.list('/sys/class/drm')).filter((name) => /^card\d+-(?!Writeback)/.test(name));
  const outputs = await Promise.all(
    names.slice(0, 16).map(async (name) => {
      const base = `/sys/class/drm/${name}`;
      const [status, enabled, dpms, modes = ''] = await Promise.all([
        textOf(machine, `${base}/status`),
        textOf(machine, `${base}/enabled`),
        textOf(machine, `${base}/dpms`),
        textOf(machine, `${base}/modes`),
      ]);
      return {
        name: name.replace(/^card\d+-/, ''),
        status,
        enabled,
        dpms,
        modes: modes.split('\n').filter(Boolean),
      };
    }),
  );
  const connected = outputs.filter(({ status }) => status === 'connected');
  const rest = outputs.filter(({ status }) => status !== 'connected').map(({ name }) => name);
  const lines = connected.map(({ name, enabled, dpms, modes }) => {
    const id = `gpu.output.${name}`;
    const text = joined([
      modes.length === 0 ? 'no modes' : `prefers ${modes[0]}, ${counted(modes.length, 'mode')}`,
      enabled === 'enabled' ? 'in use' : 'not in use',
      dpms && `power ${dpms.toLowerCase()}`,
    ]);
    const advice = 'It tells no sizes: pull its cable out and plug it in again, or try another cable.';
    return modes.length === 0 ? look(id, `Screen ${name}`, text, advice) : well(id, `Screen ${name}`, text);
  });
  if (connected.length > 0)
    return rest.length === 0
      ? lines
      : [...lines, fact('gpu.output.free', 'Nothing connected to', rest.join(', '))];
  const text = rest.length === 0 ? 'the box has no output' : `none is connected to ${rest.join(', ')}`;
  const advice = 'Connect a screen and switch it on. Some switched-off screens say that they are not there.';
  return [
    kiosk && rest.length > 0
      ? look('gpu.output', 'Screens', text, advice)
      : fact('gpu.output', 'Screens', text),
  ];
}

async function cecLines(machine: Machine): Promise<DoctorLine[]> {
  const adapters = (await machine.list('/dev')).filter((name) => /^cec\d+$/.test(name));
  return [fact('gpu.cec', 'CEC adapters', adapters.length === 0 ? 'none' : adapters.join(', '))];
}
