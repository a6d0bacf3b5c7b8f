/** What the daemon says of the screens (GET /api/system), and where it is. Pure and total. */

export interface Told {
  screen: number;
  /** Seconds since its page spoke; undefined: it has not, since the daemon began. */
  silent: number | undefined;
  dark: boolean;
  /** When another layout came onto it; null: it never did. */
  turned: number | null;
}

/** undefined: that is no answer of the daemon's. */
export function readTold(text: string): Told[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { time, screens } = value as { time?: unknown; screens?: unknown };
  if (typeof time !== 'number' || !Array.isArray(screens)) return undefined;
  return screens.flatMap((entry: Record<string, unknown> | null): Told[] => {
    const { screen, heartbeat, dark, turned } = entry ?? {};
    if (typeof screen !== 'number') return [];
    return [
      {
        screen,
        silent: typeof heartbeat === 'number' ? time - heartbeat : undefined,
        dark: dark === true,
        turned: typeof turned === 'number' ? turned : null,
      },
    ];
  });
}

export interface Door {
  token: string;
  port: number;
}

/** Of token.js, which root has written: `openWall('TOKEN', 80);`. */
export function readDoor(script: string): Door | undefined {
  const [, token, port] = /^openWall\('([A-Za-z0-9_-]+)', (\d{1,5})\);$/m.exec(script) ?? [];
  return token === undefined ? undefined : { token, port: Number(port) };
}
