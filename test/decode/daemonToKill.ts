/**
 * Stands in for the daemon in the test of `kill -9`: starts the command of its arguments through FfmpegProcess in a sandbox of the
 * given kind, made by the given setpriv if that is not empty, and stays.
 */
import { FfmpegProcess } from '../../daemon/decode/ffmpegProcess.ts';
import { probeSandbox, type SandboxKind, sandboxed } from '../../daemon/decode/sandbox.ts';

const [kind, setpriv, command, ...args] = process.argv.slice(2);
const sandbox = await probeSandbox({ only: kind as SandboxKind, ...(setpriv ? { setpriv } : {}) });
const child = new FfmpegProcess({
  ...sandboxed(sandbox, { command: command!, args }),
  stdout: () => {},
});
await child.run(new AbortController().signal);
