/**
 * Takes secrets out of text before it is written anywhere. Pure, and linear in the length of the text: some of it
 * comes from cameras. Rather too much than too little: an `@` in a URL's query costs all before it.
 */
const GONE = '***';

/**
 * `user:password@` of every URL in the text, split at its LAST `@` as people write them
 * (`rtsp://admin:p@ss/word@192.168.1.64/`), and `password=` of cameras that want it in the path or query (XiongMai:
 * `/user=admin_password=x_channel=1.sdp`). A URL ends at white space, quotes or angle brackets; inside, the escapes of
 * JSON are understood.
 */
export function redactUrl(text: string): string {
  return text
    .replace(/(?:\\[^nrt]|[^\s"<>\\])+/g, redactWord)
    .replace(/([?&;_/](?:password|passwd|pass|pwd)=)(?:\\[^nrt]|[^\s"<>\\&;])*/gi, `$1${GONE}`);
}

/** By searching from both ends and not by one pattern, which would take quadratic time on `a://a://a://…`. */
function redactWord(word: string): string {
  const scheme = word.indexOf('://');
  const at = word.lastIndexOf('@');
  if (scheme < 1 || at < scheme) return word;
  return `${word.slice(0, scheme + 3)}${GONE}${word.slice(at)}`;
}

/** Names of fields that hold a secret, by their ends. */
const SECRET_NAMES =
  'password|passwd|passphrase|secret|authorization|cookie|private_?key|password_hash|set-cookie';
/** Whole names: `profile_token`, a camera's, is none. */
const SECRET_WORDS = 'token|ticket|grant|pin';
const SECRET_FIELD = new RegExp(
  `("(?:[^"\\\\]{0,64}(?:${SECRET_NAMES})|${SECRET_WORDS})": *)"(?:\\\\.|[^"\\\\])*"`,
  'gi',
);
/** The same in JSON within a string. */
const SECRET_FIELD_WITHIN = new RegExp(
  `(\\\\"(?:[^"\\\\]{0,64}(?:${SECRET_NAMES})|${SECRET_WORDS})\\\\": *)\\\\"(?:\\\\\\\\.|[^"\\\\])*\\\\"`,
  'gi',
);

/**
 * Our own secrets, wherever they stand: API tokens (`wly_…`), tickets, pairing codes and grants in addresses, the
 * address that signs the screen in, private keys in PEM with all their lines (whole in JSON too, where line ends are `\n`).
 */
export function redactSecrets(text: string): string {
  return text
    .replace(/\bwly_[A-Za-z0-9_-]+/g, `wly_${GONE}`)
    .replace(/([?&;#](?:ticket|token|grant|code|access_token)=)(?:\\[^nrt]|[^\s"'<>\\&;#])*/gi, `$1${GONE}`)
    .replace(/(\/admin\/?#)\d{6}\b/g, `$1${GONE}`)
    .replace(/(\/screen\/)[A-Za-z0-9_~.%-]+/g, `$1${GONE}`)
    .replace(/-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----(?:\\[nrt]|[A-Za-z0-9+/=\s:,-])*/g, GONE);
}

/** What a person is told, on the terminal or in an answer: URLs and our own secrets. */
export function redactText(text: string): string {
  return redactSecrets(redactUrl(text));
}

/**
 * A line of JSON as pino writes it: URLs and our own secrets as above; fields whose name says that they are secret, at any
 * depth, also in JSON within a string; headers that carry credentials and WS-Security passwords inside strings.
 */
export function redactLine(line: string): string {
  return redactText(
    line
      .replace(SECRET_FIELD, `$1"${GONE}"`)
      .replace(SECRET_FIELD_WITHIN, `$1\\"${GONE}\\"`)
      .replace(/((?:(?:proxy-)?authorization|(?:set-)?cookie): *)(?:\\[^rn]|[^"\\\r\n])+/gi, `$1${GONE}`)
      .replace(/(<(?:[\w-]{1,32}:)?password\b[^<>]{0,256}>)[^<]*/gi, `$1${GONE}`),
  );
}
