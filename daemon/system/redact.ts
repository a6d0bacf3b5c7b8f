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

/**
 * A line of JSON as pino writes it: URLs as above; fields whose name says that they are secret, at any depth, also in
 * JSON within a string; `Authorization:` headers and WS-Security passwords inside strings.
 */
export function redactLine(line: string): string {
  return redactUrl(
    line
      .replace(
        /("[^"\\]{0,64}(?:password|passwd|secret|authorization|cookie)": *|"token": *)"(?:\\.|[^"\\])*"/gi,
        `$1"${GONE}"`,
      )
      .replace(
        /(\\"[^"\\]{0,64}(?:password|passwd|secret)\\": *)\\"(?:\\\\.|[^"\\])*\\"/gi,
        `$1\\"${GONE}\\"`,
      )
      .replace(/((?:proxy-)?authorization: *)(?:\\[^rn]|[^"\\\r\n])+/gi, `$1${GONE}`)
      .replace(/(<(?:[\w-]{1,32}:)?password\b[^<>]{0,256}>)[^<]*/gi, `$1${GONE}`),
  );
}
