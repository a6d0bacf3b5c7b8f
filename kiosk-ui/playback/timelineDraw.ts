/** Draws the timeline: a row for each camera, what there is, what happened, where the playhead is. */

import type { AlarmTopic } from '../../daemon/schema.ts';
import type { CameraTimeline } from '../api/recordings.ts';
import { ticksOf, type View, xOf } from './scale.ts';
import type { Zone } from './zone.ts';

/** CSS pixels. */
export const RULER = 30;
const MARK = 5;

export interface Drawing {
  width: number;
  height: number;
  view: View;
  rows: readonly CameraTimeline[];
  /** Unix seconds. */
  at: number;
  now: number;
  marks: { in: number | undefined; out: number | undefined };
  /** Where the pointer hovers; undefined: nowhere. */
  hover: number | undefined;
  /** Index of the row that is chosen. */
  chosen: number;
  /** Changes of the wall's layout. */
  changes: readonly number[];
  zone: Zone;
  /** Of midnight. */
  dayLabel: (unix: number) => string;
  colours: Colours;
}

export interface Colours {
  ground: string;
  lane: string;
  line: string;
  text: string;
  soft: string;
  span: string;
  kept: string;
  head: string;
  mark: string;
  topics: Record<AlarmTopic, string>;
}

const TOPIC_NAMES: readonly AlarmTopic[] = [
  ...(['motion', 'person', 'vehicle', 'line', 'digital_input', 'tamper', 'sound', 'other'] as const),
];

/** The page's colours, by the names that its style sheet gives them. */
export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ground: of('surface'),
    lane: of('lane'),
    line: of('line'),
    text: of('text'),
    soft: of('soft'),
    span: of('span'),
    kept: of('kept'),
    head: of('head'),
    mark: of('accent'),
    topics: Object.fromEntries(
      TOPIC_NAMES.map((topic) => [topic, of(`topic-${topic}`)]),
    ) as Colours['topics'],
  };
}

/** Height of one row. */
export const rowHeight = (height: number, rows: number): number => (height - RULER) / Math.max(rows, 1);

export function draw(context: CanvasRenderingContext2D, drawing: Drawing): void {
  const { width, height, view, rows, colours } = drawing;
  context.fillStyle = colours.ground;
  context.fillRect(0, 0, width, height);
  const each = rowHeight(height, rows.length);
  for (const [i, row] of rows.entries()) drawRow(context, drawing, row, RULER + i * each, each, i);
  drawRange(context, drawing);
  drawRuler(context, drawing);
  drawChanges(context, drawing);
  const future = Math.max(0, xOf(view, width, drawing.now));
  if (future < width) {
    context.fillStyle = colours.ground;
    context.globalAlpha = 0.7;
    context.fillRect(future, RULER, width - future, height - RULER);
    context.globalAlpha = 1;
    vertical(context, future, RULER, height, colours.soft, 1);
  }
  if (drawing.hover !== undefined) vertical(context, drawing.hover, RULER, height, colours.soft, 1);
  drawHead(context, drawing);
}

function drawRow(
  context: CanvasRenderingContext2D,
  { width, view, colours, chosen, rows }: Drawing,
  row: CameraTimeline,
  top: number,
  height: number,
  index: number,
): void {
  const inset = height > 20 ? 3 : 1;
  const y = top + inset;
  const h = height - 2 * inset;
  context.fillStyle = colours.lane;
  context.fillRect(0, y, width, h);
  for (const span of row.spans) {
    const from = Math.max(xOf(view, width, span.from), -2);
    const to = Math.min(xOf(view, width, span.to), width + 2);
    if (to < 0 || from > width) continue;
    // What is kept is as high again, not of another colour only.
    context.fillStyle = span.protected ? colours.kept : colours.span;
    const low = span.protected ? 0 : Math.round(h * 0.3);
    context.fillRect(from, y + low, Math.max(to - from, 1), h - low);
  }
  for (const event of row.events) {
    const from = xOf(view, width, event.from);
    const to = xOf(view, width, event.to ?? event.from);
    if (to < -MARK || from > width + MARK) continue;
    context.fillStyle = colours.topics[event.topic] || colours.text;
    const markHeight = Math.max(Math.round(h * 0.4), 4);
    context.fillRect(from - 1, y, Math.max(to - from, 3), markHeight);
    context.beginPath();
    context.moveTo(from - MARK, y);
    context.lineTo(from + MARK, y);
    context.lineTo(from, y + markHeight + 2);
    context.fill();
  }
  if (rows.length > 1 && index === chosen) {
    context.fillStyle = colours.mark;
    context.fillRect(0, y, 3, h);
  }
}

function drawRuler(
  context: CanvasRenderingContext2D,
  { width, height, view, zone, colours, dayLabel }: Drawing,
): void {
  context.font = '600 12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  for (const { time, x, kind, label } of ticksOf(view, width, zone)) {
    const top = kind === 'minor' ? RULER - 5 : RULER - 9;
    vertical(
      context,
      x,
      top,
      kind === 'minor' ? RULER : height,
      kind === 'minor' ? colours.soft : colours.line,
      1,
    );
    if (kind === 'minor') continue;
    context.fillStyle = kind === 'day' ? colours.text : colours.soft;
    const text = kind === 'day' ? dayLabel(time) : label;
    const half = context.measureText(text).width / 2;
    // A label that would be cut off says nothing.
    if (x - half < 2 || x + half > width - 2) continue;
    context.textAlign = 'center';
    context.fillText(text, x, 10);
  }
}

function drawRange(
  context: CanvasRenderingContext2D,
  { width, height, view, marks, colours }: Drawing,
): void {
  const from = marks.in === undefined ? undefined : xOf(view, width, marks.in);
  const to = marks.out === undefined ? undefined : xOf(view, width, marks.out);
  if (from !== undefined && to !== undefined && to > from) {
    context.globalAlpha = 0.28;
    context.fillStyle = colours.mark;
    context.fillRect(from, RULER, to - from, height - RULER);
    context.globalAlpha = 1;
  }
  for (const [x, side] of [
    [from, 1],
    [to, -1],
  ] as const) {
    if (x === undefined) continue;
    vertical(context, x, RULER - 8, height, colours.mark, 2);
    context.fillStyle = colours.mark;
    context.fillRect(side > 0 ? x : x - 7, RULER - 8, 7, 7);
    context.fillRect(side > 0 ? x : x - 7, height - 4, 7, 4);
  }
}

function drawChanges(context: CanvasRenderingContext2D, { width, view, changes, colours }: Drawing): void {
  context.fillStyle = colours.text;
  for (const time of changes) {
    const x = xOf(view, width, time);
    if (x < -4 || x > width + 4) continue;
    context.beginPath();
    context.moveTo(x, RULER - 10);
    context.lineTo(x + 4, RULER - 5);
    context.lineTo(x, RULER);
    context.lineTo(x - 4, RULER - 5);
    context.fill();
  }
}

function drawHead(context: CanvasRenderingContext2D, { width, height, view, at, colours }: Drawing): void {
  const x = xOf(view, width, at);
  if (x < -8 || x > width + 8) return;
  vertical(context, x, RULER - 8, height, colours.head, 2);
  context.fillStyle = colours.head;
  context.beginPath();
  context.moveTo(x - 7, RULER - 14);
  context.lineTo(x + 7, RULER - 14);
  context.lineTo(x + 7, RULER - 8);
  context.lineTo(x, RULER);
  context.lineTo(x - 7, RULER - 8);
  context.fill();
}

function vertical(
  context: CanvasRenderingContext2D,
  x: number,
  from: number,
  to: number,
  colour: string,
  width: number,
): void {
  context.fillStyle = colour;
  context.fillRect(Math.round(x - width / 2), from, width, to - from);
}
