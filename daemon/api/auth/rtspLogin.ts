import type { Verdict } from '../../restream/restreamConnection.ts';
import { ApiError } from '../errors.ts';
import type { Accounts } from './accounts.ts';
import { anybody, refusalOf } from './caller.ts';
import { byHeader } from './identify.ts';

/**
 * Who may take streams over RTSP: whoever may look, by the rule that holds for HTTP. Basic with his name and password, or with a
 * token in the password's place and any name. Wrong passwords count against the address as they do there.
 */
export async function rtspLogin(
  accounts: Accounts,
  authorization: string | undefined,
  address: string,
): Promise<Verdict> {
  try {
    if (accounts.required && authorization === undefined) return { may: false };
    const caller =
      accounts.required && authorization !== undefined
        ? await byHeader(accounts, authorization, address)
        : anybody(address);
    if (refusalOf('viewer', caller) !== undefined) return { may: false };
    return { may: true, hold: (end) => accounts.live.hold(caller.key, end) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) return { may: false };
    // RTSP has no 429; clients take 401 for wrong credentials, which nobody has looked at.
    return { may: 'later', seconds: error.retryAfter ?? 1 };
  }
}
