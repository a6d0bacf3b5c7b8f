import type { Face } from './face.ts';

/** One shape per state, told apart without colour. Strokes in a 24×24 box. */
const SHAPES: Partial<Record<Face['kind'], string>> = {
  late: 'M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 7v5l4 2',
  frozen: 'M12 3L1.8 21h20.4zM12 10v5M12 17.8v.4',
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
};

export function Icon({ kind }: { kind: Face['kind'] }) {
  const shape = SHAPES[kind];
  if (shape === undefined) return null;
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d={shape} />
    </svg>
  );
}
