import type { Wall } from '../schema.ts';
import { insertSql, type Sql } from './sql.ts';

/** What the screens after the first one show, where they were given a programme of their own. */
export class ScreenWallStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Of all screens that have one, in their order. @throws StoreError `io` */
  all(): { screen: number; wall: Wall }[] {
    const rows = this.#sql.all<{ screen: number }>('walls', 'SELECT screen FROM screen_wall ORDER BY screen');
    return rows.flatMap(({ screen }) => {
      const wall = this.get(screen);
      return wall ? [{ screen, wall }] : [];
    });
  }

  /** undefined: it shows what the first one shows. @throws StoreError `io` */
  get(screen: number): Wall | undefined {
    const place = `wall of screen ${screen}`;
    const row = this.#sql.one<{ hours: string }>(
      place,
      'SELECT hours FROM screen_wall WHERE screen = ?',
      screen,
    );
    if (!row) return undefined;
    const sql = 'SELECT layout, dwell_seconds FROM screen_wall_item WHERE screen = ? ORDER BY position';
    const sequence = this.#sql.all<Wall['sequence'][number]>(place, sql, screen);
    return { sequence, ...(JSON.parse(row.hours) as Omit<Wall, 'sequence'>) };
  }

  /** All of it or nothing. @throws StoreError `not_found` (a layout that does not exist), `invalid`, `io` */
  put(screen: number, { sequence, ...hours }: Wall): void {
    this.#sql.write(`wall of screen ${screen}`, () => {
      this.#sql.run('DELETE FROM screen_wall WHERE screen = @screen', { screen });
      this.#sql.run(insertSql('screen_wall', ['screen', 'hours']), { screen, hours: JSON.stringify(hours) });
      const insert = insertSql('screen_wall_item', ['screen', 'position', 'layout', 'dwell_seconds']);
      for (const [position, item] of sequence.entries()) this.#sql.run(insert, { screen, position, ...item });
    });
  }

  /** It shows what the first one shows from now on. @returns false: it did already. @throws StoreError `io` */
  remove(screen: number): boolean {
    return this.#sql.write(
      `wall of screen ${screen}`,
      () => this.#sql.run('DELETE FROM screen_wall WHERE screen = @screen', { screen }) > 0,
    );
  }
}
