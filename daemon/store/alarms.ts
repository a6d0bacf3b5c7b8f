import type { Alarm } from '../schema.ts';
import type { Sql } from './sql.ts';

/** What is kept of alarms that are over. */
export const KEPT_ALARMS = 500;

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
        'DELETE FROM alarm WHERE id IN (SELECT id FROM alarm ORDER BY since DESC, id DESC LIMIT -1 OFFSET @kept)',
        { kept: KEPT_ALARMS },
      );
    });
  }

  /** The newest first. @throws StoreError `io` */
  recent(): Alarm[] {
    const rows = this.#sql.all<{ body: string }>(
      'alarms',
      'SELECT body FROM alarm ORDER BY since DESC, id DESC',
    );
    // Only we write it, and the table checks that it is JSON.
    return rows.map(({ body }) => JSON.parse(body) as Alarm);
  }
}
