import type { AlarmTopic } from '../../daemon/schema.ts';
import type { Face } from './face.ts';

const SOUND = 'M3 9v6h4l5 5V4L7 9zM16 8a5 5 0 0 1 0 8M18.5 5a9 9 0 0 1 0 14';

/** One shape per state, told apart without colour. Strokes in a 24×24 box. */
const SHAPES = {
  connecting: 'M4.5 19.5L9 15M8 10l6 6-2 2a4.2 4.2 0 0 1-6-6zM16 14l-6-6 2-2a4.2 4.2 0 0 1 6 6zM15 9l4.5-4.5',
  late: 'M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 7v5l4 2',
  frozen: 'M12 3L1.8 21h20.4zM12 10v5M12 17.8v.4',
  unchanged: 'M3 8h12v12H3zM8 8V4h13v12h-6M6.5 12.5h5M6.5 15.5h5',
  notPainted: 'M20 11a8 8 0 0 0-14.5-4L3 9.5M3 4v5.5h5.5M4 13a8 8 0 0 0 14.5 4l2.5-2.5M21 20v-5.5h-5.5',
  gone: 'M2 2l20 20M9.5 6H15v4l6-3v10M15 15.5V18H3V6h2.5',
  unreachable: 'M8 4v5M16 4v5M5 9h14v3a7 7 0 0 1-14 0zM12 19v3',
  refused: 'M5 11h14v10H5zM8 11V8a4 4 0 0 1 8 0v3M12 15v2',
  busy: 'M6 2h12M6 22h12M8 2v5l8 10v5M16 2v5L8 17v5',
  unsupported: 'M3 5h18v14H3zM9 9l6 6M15 9l-6 6',
  noStream: 'M3 5h18v14H3zM9 9l6 6M15 9l-6 6',
  stopped: 'M12 2v9M6.3 6a8.5 8.5 0 1 0 11.4 0',
  ended: 'M5 5h14v14H5z',
  unknown: 'M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 17.6v.4M12 2a10 10 0 1 0 0 20a10 10 0 0 0 0-20',
  noConnection: 'M12 2a10 10 0 1 0 0 20a10 10 0 0 0 0-20M5 5l14 14',
  bell: 'M6 16v-5a6 6 0 0 1 12 0v5l2 2H4zM10 21h4M12 2v3',
  hold: 'M8 5v14M16 5v14',
  audio: SOUND,
  muted: 'M3 9v6h4l5 5V4L7 9zM15.5 8.5l7 7M22.5 8.5l-7 7',
} satisfies Partial<Record<Face['kind'], string>> & Record<string, string>;

const TOPICS: Record<AlarmTopic, string> = {
  motion:
    'M5 12a7 7 0 0 1 7-7M2 12A10 10 0 0 1 12 2M19 12a7 7 0 0 1-7 7M22 12a10 10 0 0 1-10 10M12 9v6M9 12h6',
  person: 'M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-5 4-7 8-7s8 2 8 7',
  vehicle: 'M3 16v-4l3-6h12l3 6v4zM3 12h18M6 16v3M18 16v3',
  line: 'M4 20L20 4M5 7l5 5M10 7v5H5M19 17l-5-5M14 17v-5h5',
  digital_input: 'M3 12h5l8-5M16 12h5M8 12v.1M16 7v.1',
  tamper: 'M12 2l8 3v6c0 5-3.5 8.5-8 11-4.5-2.5-8-6-8-11V5zM9 9l6 6M15 9l-6 6',
  sound: SOUND,
  other: SHAPES.bell,
};

export type IconName = Face['kind'] | keyof typeof SHAPES;

export function Icon({ kind }: { kind: IconName }) {
  return <Shape path={kind in SHAPES ? SHAPES[kind as keyof typeof SHAPES] : undefined} />;
}

export function TopicIcon({ topic }: { topic: AlarmTopic }) {
  return <Shape path={TOPICS[topic]} />;
}

function Shape({ path }: { path: string | undefined }) {
  if (path === undefined) return null;
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
