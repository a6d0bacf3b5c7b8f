/** Line icons on a grid of 24, drawn here so that the page asks for no font and no picture. */
const PATHS = {
  cameras: 'M3 8a2 2 0 0 1 2-2h9a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2zM16 11l5-3v8l-5-3',
  layouts: 'M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z',
  wall: 'M3 5h18v12H3zM9 21h6M12 17v4M9 5v12M15 5v12M3 11h18',
  alarms: 'M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4M12 3v2',
  people: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 4-6 8-6s8 2 8 6',
  system: 'M4 6h10M18 6h2M4 12h2M10 12h10M4 18h10M18 18h2M16 4v4M8 10v4M16 16v4',
  screen: 'M3 5h18v12H3zM9 21h6M12 17v4',
  signOut: 'M10 4H5v16h5M14 8l4 4-4 4M18 12H9',
  close: 'M5 5l14 14M19 5L5 19',
  warning: 'M12 3l10 18H2zM12 10v5M12 18v.5',
  show: 'M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
  hide: 'M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM4 4l16 16',
  add: 'M12 5v14M5 12h14',
  zoomOut: 'M5 12h14',
  remove: 'M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13M10 11v6M14 11v6',
  edit: 'M4 20l1-5L16 4l4 4L9 19zM14 6l4 4',
  back: 'M15 5l-7 7 7 7',
  forward: 'M9 5l7 7-7 7',
  up: 'M5 15l7-7 7 7',
  down: 'M5 9l7 7 7-7',
  left: 'M15 5l-7 7 7 7',
  right: 'M9 5l7 7-7 7',
  undo: 'M8 5L4 9l4 4M4 9h10a6 6 0 0 1 0 12h-3',
  redo: 'M16 5l4 4-4 4M20 9H10a6 6 0 0 0 0 12h3',
  check: 'M4 12l6 6L20 6',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L21 21',
  refresh: 'M4 12a8 8 0 0 1 14-5l2 2M20 4v5h-5M20 12a8 8 0 0 1-14 5l-2-2M4 20v-5h5',
  lock: 'M6 11h12v9H6zM8 11V8a4 4 0 0 1 8 0v3',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l4 2',
  download: 'M12 4v11M7 11l5 5 5-5M4 20h16',
  upload: 'M12 16V5M7 9l5-5 5 5M4 20h16',
  power: 'M12 3v8M7 6a8 8 0 1 0 10 0',
  play: 'M7 5l11 7-11 7z',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8v.5',
  ptz: 'M12 3v18M3 12h18M12 3l-3 3M12 3l3 3M12 21l-3-3M12 21l3-3M3 12l3-3M3 12l3 3M21 12l-3-3M21 12l-3 3',
  key: 'M8 15a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 11h9M18 11v4M21 11v3',
  merge: 'M4 4h6v6H4zM14 14h6v6h-6zM10 7h4v3h3v4',
  pause: 'M8 5v14M16 5v14',
  frameBack: 'M17 5l-9 7 9 7zM5 5v14',
  frameOn: 'M7 5l9 7-9 7zM19 5v14',
  back5: 'M11 6l-7 6 7 6zM20 6l-7 6 7 6z',
  on5: 'M13 6l7 6-7 6zM4 6l7 6-7 6z',
  sound: 'M3 9v6h4l5 5V4L7 9zM16 8a5 5 0 0 1 0 8M18.5 5a9 9 0 0 1 0 14',
  mute: 'M3 9v6h4l5 5V4L7 9zM16 9l6 6M22 9l-6 6',
  snapshot: 'M4 7h4l2-3h4l2 3h4v12H4zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z',
  unlock: 'M6 11h12v9H6zM8 11V8a4 4 0 0 1 7.7-1.5',
  calendar: 'M4 6h16v14H4zM4 10h16M8 3v5M16 3v5',
  cut: 'M7 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM7 21a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM9.5 7.5L20 18M9.5 16.5L20 6',
  recording: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
  playback: 'M3 5h18v14H3zM10 9l5 3-5 3z',
  markIn: 'M9 4H6v16h3M11 12h9M16 8l4 4-4 4',
  markOut: 'M15 4h3v16h-3M4 12h9M9 8l4 4-4 4',
  keyboard: 'M3 7h18v11H3zM7 11v.1M11 11v.1M15 11v.1M8 15h8',
  stop: 'M6 6h12v12H6z',
  rotate: 'M4 12a8 8 0 1 1 3 6M4 20v-5h5',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
