/** Lines of authorized_keys (sshd(8)). Pure. */

const TYPES: ReadonlySet<string> = new Set([
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
]);
/** Only what takes rights away, without a value: `command="…"` and `environment="…"` run what the key's owner did not ask for. */
const OPTIONS: ReadonlySet<string> = new Set([
  'restrict',
  'no-agent-forwarding',
  'no-port-forwarding',
  'no-pty',
  'no-user-rc',
  'no-x11-forwarding',
  'verify-required',
]);
const MOST = 8000;

export type KeyLine = { line: string } | { problem: string };

/** One public key, in the form in which it is written: options, type, key, comment. The problem does not repeat the key. */
export function readKey(text: string): KeyLine {
  const trimmed = text.trim();
  if (/-----BEGIN|PRIVATE KEY/.test(trimmed)) {
    return {
      problem: 'is no public key in OpenSSH form: give the line of the .pub file, never the private key',
    };
  }
  if (trimmed.length > MOST) return { problem: 'is too long for a public key' };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/.test(trimmed)) {
    return { problem: 'holds a line break or a control character: one key, one line' };
  }
  const words = trimmed.split(/[ \t]+/);
  const options = TYPES.has(words[0] ?? '') ? undefined : words.shift();
  if (options !== undefined) {
    const strange = options.split(',').find((option) => !OPTIONS.has(option.toLowerCase()));
    if (strange !== undefined) return { problem: unknownStart(words[0]) };
  }
  const [type = '', key = '', ...comment] = words;
  if (!TYPES.has(type)) return { problem: 'does not begin with a type of key such as ssh-ed25519' };
  if (!holds(key, type)) return { problem: `is not a whole ${type} key: was a part of it lost?` };
  return { line: [...(options === undefined ? [] : [options]), type, key, ...comment].join(' ') };
}

/** A whole authorized_keys file: empty lines and comments are left out. */
export function readKeys(text: string): { keys: string[]; problems: string[] } {
  const keys: string[] = [];
  const problems: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const read = readKey(line);
    if ('line' in read) keys.push(read.line);
    else problems.push(`line ${index + 1} ${read.problem}`);
  }
  return { keys, problems };
}

function unknownStart(second: string | undefined): string {
  return TYPES.has(second ?? '')
    ? `has options that are not taken: only ${[...OPTIONS].join(', ')} are`
    : 'does not begin with a type of key such as ssh-ed25519';
}

/** RFC 4253 §6.6: the blob begins with the type again, and length-prefixed fields fill it to the end. */
function holds(base64: string, type: string): boolean {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 !== 0) return false;
  const blob = Buffer.from(base64, 'base64');
  let fields = 0;
  let at = 0;
  while (at + 4 <= blob.length) {
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length || (fields === 0 && blob.toString('latin1', at + 4, end) !== type)) return false;
    fields += 1;
    at = end;
  }
  return at === blob.length && fields >= 2;
}
