/** What a system call's filter is asked about: struct seccomp_data. */
export interface SystemCall {
  readonly arch: number;
  readonly nr: number;
  readonly args?: readonly bigint[];
}

/**
 * Runs a classic BPF program as the kernel does (Documentation/networking/filter.rst), for the instructions that seccomp allows and
 * our filters use; any other one is an error. As the kernel's checker it lets a program neither jump behind its end nor run out of it.
 */
export function runBpf(program: Buffer, call: SystemCall): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call.nr >>> 0, 0);
  data.writeUInt32LE(call.arch >>> 0, 4);
  call.args?.forEach((value, index) => {
    data.writeBigUInt64LE(BigInt.asUintN(64, value), 16 + 8 * index);
  });
  let accumulator = 0;
  for (let at = 0; ; at += 1) {
    if (at * 8 >= program.length) throw new Error(`ran out of the program at ${at}`);
    const code = program.readUInt16LE(at * 8);
    const [jt, jf] = [program.readUInt8(at * 8 + 2), program.readUInt8(at * 8 + 3)];
    const k = program.readUInt32LE(at * 8 + 4);
    switch (code) {
      case 0x20: // ld [k]
        if (k % 4 !== 0) throw new Error(`instruction ${at} loads from ${k}`);
        accumulator = data.readUInt32LE(k);
        break;
      case 0x06: // ret k
        return k;
      case 0x15: // jeq
        at += accumulator === k ? jt : jf;
        break;
      case 0x25: // jgt
        at += accumulator > k ? jt : jf;
        break;
      case 0x35: // jge
        at += accumulator >= k ? jt : jf;
        break;
      case 0x45: // jset
        at += (accumulator & k) !== 0 ? jt : jf;
        break;
      default:
        throw new Error(`instruction ${at} has the code 0x${code.toString(16)}`);
    }
  }
}

/** Every jump ends within the program, which ends with an answer: what the kernel demands before it takes a filter. */
export function checkBpf(program: Buffer): void {
  const length = program.length / 8;
  if (!Number.isInteger(length) || length === 0 || length > 4096) throw new Error(`${length} instructions`);
  for (let at = 0; at < length; at += 1) {
    const code = program.readUInt16LE(at * 8);
    const furthest = at + 1 + Math.max(program.readUInt8(at * 8 + 2), program.readUInt8(at * 8 + 3));
    if ((code & 7) === 5 && furthest >= length) throw new Error(`instruction ${at} jumps to ${furthest}`);
  }
  if (program.readUInt16LE((length - 1) * 8) !== 0x06) throw new Error('does not end with an answer');
}
