/** Site files for boxes under test: virtual cameras in an even grid. */
import type { Site, SiteHost } from '../../daemon/schema.ts';

export interface DescribedCamera {
  name: string;
  rtsp: Record<'main' | 'sub', string>;
}

export const ADMIN = { name: 'admin', password: 'correct horse battery' };

/** One layout, `site`, with all of them. */
export function testSite(cameras: readonly DescribedCamera[], columns: number, host: SiteHost): Site {
  const rows = Math.ceil(cameras.length / columns);
  return {
    walleye_site: 1,
    host,
    settings: { name: 'Test', setup_done: true },
    users: [{ ...ADMIN, role: 'admin' }],
    cameras: cameras.map(({ name, rtsp }, index) => ({
      id: `cam${index + 1}`,
      name,
      streams: (['main', 'sub'] as const).map((profile) => ({ profile, rtsp_url: rtsp[profile] })),
    })),
    layouts: {
      site: {
        tiles: cameras.map((_, index) => ({
          x: (index % columns) / columns,
          y: Math.floor(index / columns) / rows,
          width: 1 / columns,
          height: 1 / rows,
          cameras: [`cam${index + 1}`],
        })),
      },
    },
    wall: { sequence: [{ layout: 'site', dwell_seconds: 30 }] },
  };
}
