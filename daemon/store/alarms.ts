import type { Alarm } from '../schema.ts';
import type { Sql } from './sql.ts';

/** How many of the alarms that are over are listed. */
export const LISTED_ALARMS = 500;
/** How many are kept, for the timelines of recordings: a month of one in a minute. */
const KEPT_ALARMS = 50_000;
/** Seconds: no alarm lasted longer, or its end is not looked for. */
const LONGEST = 86_400;

/** Alarms that are over. The active ones are in memory: after a restart what lasts is told anew. */
export class AlarmStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Keeps them, and of all the newest `KEPT_ALARMS` only. @throws StoreError `invalid`, `io` */
  append(alarms: readonly Alarm[]): void {
    if (alarms.length === 0) return;
    this.#sql.write('alarms', () => {
      for (const alarm of alarms) {
        const { id, camera, topic, since } = alarm;
        this.#sql.run(
          'INSERT OR REPLACE INTO alarm (id, camera_id, topic, since, body) VALUES (@id, @camera, @topic, @since, @body)',
          { id, camera, topic, since, body: JSON.stringify(alarm) },
        );
      }
      this.#sql.run(
        'DELETE FROM alarm WHERE since <= (SELECT since FROM alarm ORDER BY since DESC LIMIT 1 OFFSET @kept)',
        { kept: KEPT_ALARMS },
      );
    });
  }

  /** The newest first. @throws StoreError `io` */
  recent(): Alarm[] {
    const rows = this.#sql.all<{ body: string }>(
      'alarms',
      'SELECT body FROM alarm ORDER BY since DESC, id DESC LIMIT @listed',
      { listed: LISTED_ALARMS },
    );
    return rows.map(read);
  }

  /** Those that were on between two times (Unix seconds), the oldest first. @throws StoreError `io` */
  between(from: number, to: number): Alarm[] {
    const rows = this.#sql.all<{ body: string }>(
      'alarms',
      `SELECT body FROM alarm WHERE since < @to AND since > @from - ${LONGEST}
       AND coalesce(json_extract(body, '$.until'), since) > @from ORDER BY since, id`,
      { from, to },
    );
    return rows.map(read);
  }
}

/** Only we write it, and the table checks that it is JSON. */
const read = ({ body }: { body: string }) => JSON.parse(body) as Alarm;
