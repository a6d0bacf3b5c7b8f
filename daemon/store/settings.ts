import type { Settings, SettingsPatch } from '../schema.ts';
import type { Sql } from './sql.ts';

/** What a box says of itself before anybody set anything. */
export const DEFAULT_SETTINGS: Settings = {
  name: 'Walleye',
  time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  language: null,
  setup_done: false,
  wall_clock: true,
  wall_names: true,
  wall_recording_mark: true,
  wall_audio_mark: true,
  wall_alarm_sound: true,
  viewers_ptz: true,
  // Who hears a voice from the wall takes it for somebody's who may speak there.
  viewers_talk: false,
  unchanged_seconds: 4,
};

/** Small things that are kept as JSON under a key. */
export class SettingStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Those that were set, over the defaults: a setting that is new in this version has its default. */
  settings(): Settings {
    return { ...DEFAULT_SETTINGS, ...this.get<SettingsPatch>('settings') };
  }

  /** @throws StoreError `io` */
  patchSettings(patch: SettingsPatch): Settings {
    this.put('settings', { ...this.get<SettingsPatch>('settings'), ...patch });
    return this.settings();
  }

  /** The caller knows the type: one key is written in one place only. */
  get<T>(key: string): T | undefined {
    const row = this.#sql.one<{ value: string }>(
      `setting ${key}`,
      'SELECT value FROM setting WHERE key = ?',
      key,
    );
    return row && (JSON.parse(row.value) as T);
  }

  /** `undefined` removes it. @throws StoreError `io` */
  put(key: string, value: unknown): void {
    this.#sql.write(`setting ${key}`, () => {
      if (value === undefined) this.#sql.run('DELETE FROM setting WHERE key = @key', { key });
      else {
        this.#sql.run(
          'INSERT INTO setting (key, value) VALUES (@key, @value) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
          { key, value: JSON.stringify(value) },
        );
      }
    });
  }
}
