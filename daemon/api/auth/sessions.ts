import { createHmac, randomBytes } from 'node:crypto';
import type { AccountStore, SessionRow } from '../../store/accounts.ts';
import type { Live } from './live.ts';
import { isSameSecret, newSecret, sha256 } from './secrets.ts';

const DAY = 86_400;
/** Seconds, all of them. A session that nobody uses ends … */
const IDLE = 30 * DAY;
/** … and so does any, in the end. */
export const LONGEST = 90 * DAY;
/** The cookie is replaced so often while it is used: a stolen one is of use for a day. */
const ROTATION = DAY;
/** Requests that were under way with the replaced cookie still count for so long. */
const OVERLAP = 60;
/** `last_seen` is written so often at most: each time is a write to the disk. */
const SEEN_INTERVAL = 60;
const PURGE_INTERVAL = 3_600;
/** Signed-in places of one user. The one that was used least recently makes room. */
const MOST_OF_USER = 50;
const MOST_BROWSER = 200;
/** In tickets, in the place of a session: the box's own screen. */
const SCREEN = 'screen';

/** Who is signed in where: a cookie each, of which only the SHA-256 is kept. */
export class Sessions {
  readonly #store: AccountStore;
  readonly #live: Live;
  readonly #now: () => number;
  /** Tickets end with the daemon. */
  readonly #secret = randomBytes(32);
  /** Replaced cookies. */
  readonly #replaced = new Map<string, { id: string; until: number }>();
  /** A session's name in tickets and for what it holds open: it stays when the cookie, and with it the row's id, changes. */
  readonly #serials = new Map<string, string>();
  readonly #ids = new Map<string, string>();
  #count = 0;
  #purged = Number.NEGATIVE_INFINITY;

  /** @param now Unix seconds */
  constructor(store: AccountStore, live: Live, now: () => number) {
    this.#store = store;
    this.#live = live;
    this.#now = now;
  }

  /** Signs a user in. @returns the cookie: always a new one, never what the browser brought */
  start(user: string, address: string, browser: string | undefined): { cookie: string; row: SessionRow } {
    const now = this.#now();
    this.#purge(now);
    for (const old of this.#store.sessionsOf(user).slice(MOST_OF_USER - 1)) this.end(old.id);
    const cookie = newSecret();
    const row: SessionRow = {
      id: sha256(cookie),
      user,
      created_at: now,
      last_seen: now,
      expires_at: now + IDLE + ROTATION,
      address,
      browser: browser?.replace(/\p{Cc}/gu, '�').slice(0, MOST_BROWSER) ?? null,
    };
    this.#store.insertSession(row);
    return { cookie, row };
  }

  /** The session of a cookie, which is thereby used. */
  find(cookie: string, address: string): SessionRow | undefined {
    const now = this.#now();
    if (now - this.#purged > PURGE_INTERVAL) this.#purge(now);
    const hash = sha256(cookie);
    const replaced = this.#replaced.get(hash);
    if (replaced && replaced.until < now) this.#replaced.delete(hash);
    const row = this.#valid(replaced && replaced.until >= now ? replaced.id : hash, now);
    if (row && now - row.last_seen >= SEEN_INTERVAL)
      this.#store.updateSession(row.id, { last_seen: now, address });
    return row;
  }

  /** A new cookie, when the session has had its own for a day. */
  rotate(row: SessionRow): { cookie: string; id: string } | undefined {
    const now = this.#now();
    // expires_at was set when the cookie was made.
    if (now - (row.expires_at - IDLE - ROTATION) < ROTATION) return undefined;
    const cookie = newSecret();
    const id = sha256(cookie);
    this.#store.updateSession(row.id, { id, expires_at: now + IDLE + ROTATION, last_seen: now });
    for (const [hash, { until }] of this.#replaced) if (until < now) this.#replaced.delete(hash);
    this.#replaced.set(row.id, { id, until: now + OVERLAP });
    const serial = this.#serials.get(row.id);
    if (serial !== undefined) {
      this.#serials.delete(row.id);
      this.#serials.set(id, serial);
      this.#ids.set(serial, id);
    }
    return { cookie, id };
  }

  /** Its pictures and sockets end too. @returns whether there was one */
  end(id: string): boolean {
    const serial = this.#serials.get(id);
    const ended = this.#store.deleteSession(id);
    if (serial !== undefined) {
      this.#serials.delete(id);
      this.#ids.delete(serial);
      this.#live.end(`session:${serial}`);
    }
    return ended;
  }

  /** All of a user's, but for one. */
  endOf(user: string, except: string | null = null): void {
    for (const { id } of this.#store.sessionsOf(user)) if (id !== except) this.end(id);
  }

  list(): SessionRow[] {
    this.#purge(this.#now());
    return this.#store.sessions();
  }

  /** `Caller.key` of a session. */
  key(id: string): string {
    return `session:${this.#serial(id)}`;
  }

  /** For picture addresses on hosts that the cookie is not sent to. Ends with the session. */
  ticket(id: string | typeof SCREEN): string {
    const serial = id === SCREEN ? SCREEN : this.#serial(id);
    return `${serial}.${this.#sign(serial)}`;
  }

  /** Whose ticket it is. */
  byTicket(ticket: string): SessionRow | typeof SCREEN | undefined {
    const [serial = '', mac = ''] = ticket.split('.');
    if (!isSameSecret(mac, this.#sign(serial))) return undefined;
    if (serial === SCREEN) return SCREEN;
    const id = this.#ids.get(serial);
    return id === undefined ? undefined : this.#valid(id, this.#now());
  }

  #sign(serial: string): string {
    return createHmac('sha256', this.#secret).update(`ticket ${serial}`).digest('base64url');
  }

  #serial(id: string): string {
    const serial = this.#serials.get(id) ?? `s${++this.#count}`;
    this.#serials.set(id, serial);
    this.#ids.set(serial, id);
    return serial;
  }

  #valid(id: string, now: number): SessionRow | undefined {
    const row = this.#store.session(id);
    return row && !isOver(row, now) ? row : undefined;
  }

  #purge(now: number): void {
    this.#purged = now;
    for (const row of this.#store.sessions()) if (isOver(row, now)) this.end(row.id);
  }
}

function isOver(row: SessionRow, now: number): boolean {
  return now >= Math.min(row.expires_at, row.last_seen + IDLE, row.created_at + LONGEST);
}
