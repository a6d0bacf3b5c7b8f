/**
 * A terminal made by QEMU: 64-bit UEFI firmware, a disk, a screen. Without KVM: `-cpu Westmere` is the nearest that QEMU emulates
 * to a Bay Trail (no AVX), without `cx16`, over which QEMU 7.2 and Debian 13's kernel fall out.
 *
 *   const machine = new Machine({ folder, forwards: { ssh: 22 } });
 *   machine.writeDisk(image, '8G');
 *   await machine.powerOn();  const picture = await machine.screen();  await machine.cut();
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../e2e/until.ts';
import { freePort } from '../../network/freePort.ts';
import type { Picture } from '../picture.ts';
import { readPpm } from './ppm.ts';
import { Qmp } from './qmp.ts';

const FIRMWARE = '/usr/share/OVMF/OVMF_CODE_4M.fd';
const VARIABLES = '/usr/share/OVMF/OVMF_VARS_4M.fd';

export interface MachineOptions {
  /** Its disk, its firmware's memory, its serial line. */
  folder: string;
  /** Name → TCP port of the guest that a port of 127.0.0.1 leads to. */
  forwards: Readonly<Record<string, number>>;
  /** For `-smbios type=11`: systemd's credentials, and files with them. */
  smbios?: readonly (string | { file: string })[];
  memory?: number;
}

export class Machine {
  smbios: MachineOptions['smbios'];
  readonly #options: MachineOptions;
  #qemu: ChildProcess | undefined;
  #qmp: Qmp | undefined;
  #ports: Record<string, number> = {};

  constructor(options: MachineOptions) {
    this.#options = options;
    this.smbios = options.smbios;
  }

  get disk(): string {
    return join(this.#options.folder, 'disk.qcow2');
  }

  get on(): boolean {
    return this.#qemu !== undefined;
  }

  /** A new disk with this image at its beginning, and a firmware that remembers nothing. */
  writeDisk(image: string, size: string): void {
    rmSync(this.disk, { force: true });
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', image, this.disk, size]);
    copyFileSync(VARIABLES, join(this.#options.folder, 'firmware.fd'));
  }

  /** The port of 127.0.0.1 that leads to a port of the guest. */
  port(name: string): number {
    const port = this.#ports[name];
    if (port === undefined) throw new Error(`no forward is called ${name}`);
    return port;
  }

  async powerOn(): Promise<void> {
    const { folder, forwards, memory = 3072 } = this.#options;
    for (const name of Object.keys(forwards)) this.#ports[name] ??= await freePort();
    const socket = join(folder, 'qmp');
    rmSync(socket, { force: true });
    const forwarded = Object.entries(forwards).map(
      ([name, port]) => `,hostfwd=tcp:127.0.0.1:${this.port(name)}-:${port}`,
    );
    const args = [
      ...[
        '-accel',
        'tcg,thread=multi',
        '-smp',
        '2',
        '-cpu',
        'Westmere,-cx16',
        '-m',
        String(memory),
        '-machine',
        'q35',
      ],
      ...['-drive', `if=pflash,format=raw,readonly=on,file=${FIRMWARE}`],
      ...['-drive', `if=pflash,format=raw,file=${join(folder, 'firmware.fd')}`],
      ...['-drive', `file=${this.disk},if=virtio,cache=writeback,discard=unmap`],
      ...['-device', 'virtio-vga,xres=1280,yres=720', '-display', 'none', '-serial', `file:${this.#serial}`],
      ...['-qmp', `unix:${socket},server=on,wait=off`, '-device', 'virtio-rng-pci'],
      ...[
        '-netdev',
        `user,id=n${forwarded.join('')}`,
        '-device',
        'virtio-net,netdev=n',
        '-watchdog-action',
        'none',
      ],
      ...(this.smbios ?? []).flatMap((one) => [
        '-smbios',
        typeof one === 'string' ? `type=11,value=${one.replaceAll(',', ',,')}` : `type=11,path=${one.file}`,
      ]),
    ];
    const log = openSync(join(folder, 'qemu.log'), 'a');
    const qemu = spawn('setpriv', ['--pdeathsig=KILL', 'qemu-system-x86_64', ...args], {
      stdio: ['ignore', log, log],
    });
    this.#qemu = qemu;
    qemu.once('exit', () => {
      this.#qemu = undefined;
    });
    await until('QEMU listens', () => {
      if (!this.on)
        throw new Error(`QEMU ended:\n${readFileSync(join(folder, 'qemu.log'), 'utf8').slice(-2000)}`);
      return existsSync(socket);
    });
    this.#qmp = await Qmp.open(socket);
  }

  /** Pulls the plug: nothing in it is told. What its kernel had not handed to the disk is lost. */
  async cut(): Promise<void> {
    const qemu = this.#qemu;
    this.#qmp?.close();
    if (!qemu) return;
    const exit = once(qemu, 'exit');
    qemu.kill('SIGKILL');
    await exit;
  }

  /** The reset button. */
  async reset(): Promise<void> {
    await this.#ask('system_reset');
  }

  /** The power button; resolves when the machine is off. @throws when it does not go off within `limit` milliseconds */
  async powerOff(limit = 300_000): Promise<void> {
    await this.#ask('system_powerdown');
    await until('the machine is off', () => !this.on, limit);
    this.#qmp?.close();
  }

  /** What its screen shows. */
  async screen(save?: string): Promise<Picture> {
    const file = save ?? join(this.#options.folder, 'screen.ppm');
    await this.#ask('screendump', { filename: file });
    await until('the picture is written', () => existsSync(file) && statSync(file).size > 0);
    return readPpm(readFileSync(file));
  }

  /** Holds keys down for a moment, by QEMU's names for them. */
  async press(...keys: string[]): Promise<void> {
    await this.#ask('send-key', { keys: keys.map((data) => ({ type: 'qcode', data })) });
  }

  /** Everything that was printed on its serial line since it was last forgotten. */
  get serial(): string {
    return existsSync(this.#serial) ? readFileSync(this.#serial, 'utf8') : '';
  }

  forgetSerial(): void {
    writeFileSync(this.#serial, '');
  }

  get #serial(): string {
    return join(this.#options.folder, 'serial.log');
  }

  #ask(command: string, args: object = {}): Promise<unknown> {
    if (!this.#qmp) throw new Error('the machine is off');
    return this.#qmp.ask(command, args);
  }
}
