import { answerableChallenges } from '../../../daemon/camera/onvifDigest.ts';
import { Login, parseChallenges } from '../../../daemon/ingest/digest.ts';
import { always } from '../target.ts';

export const seeds = [
  'Digest realm="Login to 4M05", qop="auth,auth-int", nonce="8c1a", opaque="d6", algorithm=SHA-256, stale=FALSE',
  'Basic realm="IP Camera(12345)"\nDigest realm="x",nonce="1" algorithm=MD5-sess',
  'Digest nonce="a\\"b", Basic',
].map((said) => Buffer.from(said));

/** A line a header; the camera says the same twice. */
export function fuzz(data: Buffer): void {
  const headers = data.toString('latin1').split('\n');
  parseChallenges(headers);
  answerableChallenges(headers);
  const login = new Login({ username: 'a"b\\c', password: 'p' });
  const tries = { freshAnswers: 0 };
  for (let round = 0; round < 5; round++) {
    if (login.challenged(headers, tries) === 'refused') break;
    const value = login.authorize('DESCRIBE', 'rtsp://h/x', '00');
    always(value !== undefined && !/[\r\n]/.test(value), 'an answer is one line');
    always(round < 3, 'a password is not given again and again');
  }
}
