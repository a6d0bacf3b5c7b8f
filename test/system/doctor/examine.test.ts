/** The whole page of made-up boxes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DaemonView } from '../../../daemon/system/doctor/daemonView.ts';
import { renderPage } from '../../../daemon/system/doctor/render.ts';
import { BAY_TRAIL, DAEMON, JOURNALCTL, LOG_ARGS, NOW, SYSTEMCTL, stream, UNIT_ARGS } from './bayTrail.ts';
import { changed } from './box.ts';
import { lineOf, linesOf, marked, pageOf } from './page.ts';
import { SMART_NVME, SMART_SATA, UNITS } from './samples.ts';

describe('a Bay Trail box that is well', () => {
  it('has nothing that is wrong, nothing to look at and nothing unknown', async () => {
    const page = await pageOf(BAY_TRAIL);
    assert.deepEqual([marked(page, 'wrong'), marked(page, 'look'), marked(page, 'unknown')], [[], [], []]);
    assert.equal(page.daemon, 'open');
    assert.equal(page.counts.well, marked(page, 'well').length);
  });

  it('tells what support asks for', async () => {
    const page = await pageOf(BAY_TRAIL);
    for (const [id, text] of [
      ['walleye.version', /^0\.1\.0, Node\.js v24/],
      ['walleye.image', /^walleye 0\.1\.0, Debian GNU\/Linux 13$/],
      [
        'walleye.slot',
        /^\/usr is erofs of mmcblk0p2 \(walleye_0\.1\.0_verity\) and mmcblk0p3 \(walleye_0\.1\.0\); the other slot has _empty$/,
      ],
      ['walleye.boot', /proven itself/],
      [
        'walleye.update',
        /^idle, no newer version known, looked at 2026-11-20 07:00:00 UTC, source https:\/\/updates\.example\/walleye$/,
      ],
      ['walleye.daemon.unit', /^active \(running\), it says: 9 cameras, 9 live$/],
      ['walleye.heartbeat.1', /^3 s ago; 9 of 9 tiles have a picture$/],
      ['walleye.memory.decoders', /^270 MiB, at most 1\.7 GiB, slowed down from 1\.4 GiB$/],
      ['walleye.sandbox', /^landlock: no network, no files$/],
      ['cameras.streams', /^9 cameras, 9 streams: 9 live$/],
      ['firmware.mode', /^EFI, 64 bit, Secure Boot off$/],
      ['firmware.product', /^AXIOMTEK, tBOX810-838-FL, board tBOX810$/],
      ['firmware.bios', /^American Megatrends Inc\., X\.004, 06\/14\/2018$/],
      ['firmware.cpu', /^4 × Intel\(R\) Atom\(TM\) CPU E3845 @ 1\.91GHz, microcode 0x90d$/],
      ['firmware.virtual', /^no$/],
      ['firmware.watchdog', /^iTCO_wdt, restarts the box after 30 s, systemd uses it, active$/],
      ['gpu.pci.0000:00:02.0', /^Intel Corporation Atom .* Graphics & Display \[8086:0f31\] driver i915$/],
      [
        'gpu.render.renderD128',
        /^i915, Intel i965 driver .*, decodes MPEG-2 H\.264 VC-1 JPEG, encodes MPEG-2 H\.264, scales$/,
      ],
      ['gpu.self_test.vaapi', /^passed: i965 driver/],
      ['gpu.output.HDMI-A-1', /^prefers 1920x1080, 5 modes, in use, power on$/],
      ['gpu.output.free', /^DP-1, VGA-1$/],
      [
        'disk.model.mmcblk0',
        /^MMC32G, 31 GB, partitions: 1 esp 512 MiB; 2 walleye_0\.1\.0_verity 64 MiB; 3 walleye_0\.1\.0 2\.0 GiB/,
      ],
      ['disk.wear.mmcblk0', /^10 to 20 % of its life used, spare blocks: normal$/],
      ['disk.space.var', /^19\.6 GiB of 23\.8 GiB \(82 %\), which is \/, 95 % of files$/],
      ['disk.writable', /^\/, ext4 on \/dev\/mmcblk0p6$/],
      ['heat.hwmon0.temp2', /^54 °C \(critical at 110 °C\)$/],
      ['memory.zram.zram0', /^1\.9 GiB, holds 17 MiB in 5 MiB$/],
      ['network.link.enp2s0', /^up, 1000 Mbit\/s full duplex, 0 errors and 12 drops/],
      ['network.gateway.enp2s0', /^192\.168\.1\.1 by enp2s0, answers$/],
      ['network.name', /answers to walleye-7f3a\.local on enp2s0$/],
      ['time.zone', /^Asia\/Taipei$/],
      ['time.offset', /^0\.3 ms$/],
      ['time.rtc', /^right$/],
      ['logs.walleye', /^no warning in the journal$/],
    ] as const)
      assert.match(lineOf(page, id).text, text, id);
    assert.deepEqual(
      [lineOf(page, 'disk.wear.mmcblk0').value, lineOf(page, 'disk.wear.mmcblk0').unit],
      [20, 'percent'],
    );
  });

  it('is printed with a mark on each line, the verdict first', async () => {
    const text = renderPage(await pageOf(BAY_TRAIL));
    const [head, verdict] = text.split('\n');
    assert.match(head ?? '', /^Walleye doctor · walleye-7f3a · 2026-11-20 08:00:00 UTC/);
    assert.match(verdict ?? '', /^Nothing is wrong; 0 to look at, 0 things not known, \d+ well\.$/);
    assert.match(text, /^── Disk ──\n {6}Disk mmcblk0/m);
    assert.match(text, /^well {2}Wear of mmcblk0 +10 to 20 %/m);
    assert.ok(text.split('\n').length < 110, 'it is one page');
  });
});

describe('other disks:', () => {
  const withDisk = (disk: string, smart: string) =>
    changed(BAY_TRAIL, {
      files: { [`/sys/block/${disk}/size`]: '468862128\n', [`/sys/block/${disk}/removable`]: '0\n' },
      programs: { '/usr/sbin/smartctl': { [`-j -i -H -A /dev/${disk}`]: { out: smart, status: 4 } } },
    });

  it('an SSD that is well', async () => {
    const page = await pageOf(withDisk('sda', SMART_SATA));
    assert.equal(
      lineOf(page, 'disk.health.sda').text,
      'passed its self-assessment, 21213 hours under power, 47 °C',
    );
    assert.equal(lineOf(page, 'disk.wear.sda').mark, 'well');
    assert.equal(page.counts.wrong, 0);
  });

  it('an SSD that fails, and an NVMe disk past its life', async () => {
    const failing = await pageOf(withDisk('sda', SMART_SATA.replace('"passed":true', '"passed":false')));
    assert.equal(lineOf(failing, 'disk.health.sda').mark, 'wrong');
    const worn = await pageOf(
      withDisk('nvme0n1', SMART_NVME.replace('"percentage_used":0', '"percentage_used":103')),
    );
    assert.equal(lineOf(worn, 'disk.wear.nvme0n1').mark, 'wrong');
  });
});

describe('a machine that tells nothing', () => {
  it('gives a page of unknowns, and no error', async () => {
    const page = await pageOf({ files: {}, programs: {}, now: NOW });
    assert.ok(page.counts.unknown > 8, `${page.counts.unknown} unknown`);
    assert.equal(lineOf(page, 'walleye.unit').text, 'there is no systemctl');
    assert.deepEqual(
      page.sections.map(({ id }) => id),
      ['walleye', 'firmware', 'gpu', 'disk', 'heat', 'memory', 'network', 'time', 'logs'],
    );
    assert.ok(!linesOf(page).some(({ id }) => id.endsWith('.failed')), 'no section broke');
  });

  it('nor do programs that say something else than they should', async () => {
    const programs = Object.fromEntries(
      Object.entries(BAY_TRAIL.programs).map(([path, answers]) => [
        path,
        Object.fromEntries(
          Object.keys(answers ?? {}).map((args) => [args, { out: '\u0000{[[%s', err: 'x\n', status: 0 }]),
        ),
      ]),
    );
    const page = await pageOf(changed(BAY_TRAIL, { programs }));
    assert.ok(!linesOf(page).some(({ id }) => id.endsWith('.failed')), 'no section broke');
  });
});

describe('secrets', () => {
  const PLANTED = [
    'QWxhZGRpbjpvcGVu',
    'hunter2',
    'swordfish',
    'tr0ub4dor',
    'correcthorse',
    'wly_0123456789abcdef',
    's3cretQuery',
    'bmV2ZXI6c2hvd24=',
  ];
  it('never come out of it, whoever wrote them', async () => {
    const log = [
      '{"level":"error","time":"2026-11-20T07:59:00.000Z","component":"ingest","msg":"no answer from rtsp://admin:hunter2@192.168.1.64/ch1","password":"swordfish"}',
      '{"level":"warn","time":"2026-11-20T07:59:01.000Z","component":"camera","msg":"sent Authorization: Basic bmV2ZXI6c2hvd24=","err":{"message":"password: tr0ub4dor was refused"}}',
      'fatal error: token=wly_0123456789abcdef psk = "correcthorse", sent Bearer QWxhZGRpbjpvcGVu',
    ].join('\n');
    const secretState = {
      ...JSON.parse(BAY_TRAIL.files['/var/lib/walleye-update/state.json'] as string),
      source: 'https://fleet:hunter2@updates.example/walleye?key=s3cretQuery',
      state: 'failed',
      message: 'GET https://fleet:hunter2@updates.example/x failed',
    };
    const plan = changed(BAY_TRAIL, {
      files: {
        '/var/lib/walleye-update/state.json': JSON.stringify(secretState),
        '/proc/cmdline': 'systemd.set_credential=k:hunter2',
      },
      programs: {
        '/usr/bin/journalctl': { ...JOURNALCTL, [LOG_ARGS]: log },
        '/usr/bin/systemctl': {
          ...SYSTEMCTL,
          [UNIT_ARGS]: UNITS.replace('9 cameras, 9 live', 'rtsp://admin:hunter2@10.0.0.9/'),
        },
      },
    });
    const view: DaemonView = {
      ...DAEMON,
      troubled: [
        stream('cam1_sub', {
          state: 'refused',
          last_error: {
            code: 'refused',
            message: 'rtsp://admin:hunter2@192.168.1.64/ says no, password=swordfish',
            time: NOW,
          },
        }),
      ],
    };
    const page = await pageOf(plan, view);
    const all = JSON.stringify(page) + renderPage(page);
    for (const secret of PLANTED) assert.ok(!all.includes(secret), `${secret} is in the page`);
    // They were there to be left out.
    assert.match(all, /no answer from rtsp:\/\/\*\*\*@192\.168\.1\.64\/ch1/);
    assert.match(lineOf(page, 'walleye.update').text, /source https:\/\/updates\.example\/walleye/);
    assert.match(lineOf(page, 'walleye.daemon.unit').text, /rtsp:\/\/\*\*\*@10\.0\.0\.9/);
    assert.equal(linesOf(page).filter(({ id }) => /^logs\.walleye\.\d/.test(id)).length, 3);
  });

  it('nor does anything that a terminal obeys', async () => {
    const page = await pageOf(
      changed(BAY_TRAIL, { files: { '/sys/class/dmi/id/product_name': 'evil\u001b[31mbox\u0007\u202e' } }),
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    assert.doesNotMatch(renderPage(page), /[\u0000-\u0009\u000b-\u001f\u202e]/);
  });
});
