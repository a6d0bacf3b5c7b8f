import type { ServiceDay, ServiceRecord } from '../schema.ts';
import type { Sql } from './sql.ts';

/** What is kept of each camera: the newest days, and the newest errors. */
export const KEPT_DAYS = 30;
export const KEPT_ERRORS = 50;

export type ServiceError = ServiceRecord['errors'][number];

/** What came to a camera's record since the last time. */
export interface ServiceAddition {
  readonly camera: string;
  /** Added to what the days have already. */
  readonly days: readonly ServiceDay[];
  /** The oldest first. */
  readonly errors: readonly ServiceError[];
}

const COUNTERS = [
  'wanted_seconds',
  'live_seconds',
  'stalled_seconds',
  'connects',
  'unchanged',
  'repairs',
] as const satisfies readonly (keyof ServiceDay)[];

const ADD_DAY = `INSERT INTO service_day (camera_id, day, ${COUNTERS.join(', ')})
  SELECT @camera, @day, ${COUNTERS.map((counter) => `@${counter}`).join(', ')}
  WHERE EXISTS (SELECT 1 FROM camera WHERE id = @camera)
  ON CONFLICT (camera_id, day) DO UPDATE SET
  ${COUNTERS.map((counter) => `${counter} = ${counter} + excluded.${counter}`).join(', ')}`;

const ADD_ERROR = `INSERT INTO service_error (camera_id, time, stream, code, message)
  SELECT @camera, @time, @stream, @code, @message
  WHERE EXISTS (SELECT 1 FROM camera WHERE id = @camera)`;

// By their order and not by the calendar: a clock that is years ahead for an hour must not cost the whole record.
const PRUNE_DAYS = `DELETE FROM service_day WHERE camera_id = @camera AND day NOT IN
  (SELECT day FROM service_day WHERE camera_id = @camera ORDER BY day DESC LIMIT ${KEPT_DAYS})`;
const PRUNE_ERRORS = `DELETE FROM service_error WHERE camera_id = @camera AND id NOT IN
  (SELECT id FROM service_error WHERE camera_id = @camera ORDER BY id DESC LIMIT ${KEPT_ERRORS})`;

/** How each camera did, day by day, and what went wrong with it. It goes with its camera. */
export class ServiceStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /**
   * In one transaction, as each costs the flash memory a write. A camera that was removed meanwhile is passed over.
   * @throws StoreError `invalid`, `io`
   */
  add(additions: readonly ServiceAddition[]): void {
    if (additions.length === 0) return;
    this.#sql.write('service record', () => {
      for (const { camera, days, errors } of additions) {
        for (const day of days) this.#sql.run(ADD_DAY, { camera, ...day });
        for (const error of errors) this.#sql.run(ADD_ERROR, { camera, ...error });
        if (days.length > 0) this.#sql.run(PRUNE_DAYS, { camera });
        if (errors.length > 0) this.#sql.run(PRUNE_ERRORS, { camera });
      }
    });
  }

  /** The newest first, both; nothing of a camera that is not there. @throws StoreError `io` */
  read(camera: string): { days: ServiceDay[]; errors: ServiceError[] } {
    const place = `service record of ${camera}`;
    return {
      days: this.#sql.all<ServiceDay>(
        place,
        `SELECT day, ${COUNTERS.join(', ')} FROM service_day WHERE camera_id = ? ORDER BY day DESC`,
        camera,
      ),
      errors: this.#sql.all<ServiceError>(
        place,
        'SELECT time, stream, code, message FROM service_error WHERE camera_id = ? ORDER BY id DESC',
        camera,
      ),
    };
  }
}
