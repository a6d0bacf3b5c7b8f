import 'gridstack/dist/gridstack.css';
import './stage.css';
import { type GridItemHTMLElement, GridStack } from 'gridstack';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { texts } from '../../i18n/i18n.ts';
import { moved, resized, swapped, tileAt } from './arrange.ts';
import { type Cells, cellsOf } from './cells.ts';
import { tileOf } from './draft.ts';
import type { Editing } from './editing.ts';
import { FreeEngine } from './freeEngine.ts';
import { StageTile } from './StageTile.tsx';
import { dragByTouch } from './touchDrag.ts';
import { useDrawing } from './useDrawing.ts';

export interface StageProps {
  editing: Editing;
  /** Names of cameras by id. */
  names: ReadonlyMap<string, string>;
  /** Pictures a second that a tile will be held to, by its index. */
  limits: ReadonlyMap<number, number>;
}

/** The screen, with the tiles on it. Gridstack is made anew for another grid: it would move the tiles by itself. */
export function Stage(props: StageProps) {
  const { grid, orientation } = props.editing.draft.value;
  return <StageGrid key={`${grid} ${orientation}`} {...props} />;
}

function StageGrid({ editing, names, limits }: StageProps) {
  const t = texts('layouts');
  const draft = editing.draft.value;
  const { grid: count, orientation } = draft;
  const root = useRef<HTMLDivElement>(null);
  const grid = useRef<GridStack>(undefined);
  /** Until the click that ends a drag has passed. */
  const dragged = useRef(false);
  const drawing = useDrawing(editing, root);

  /** Gridstack’s widgets stand where the draft says. */
  const sync = () => {
    const board = grid.current;
    const element = root.current;
    if (!board || !element) return;
    for (const node of [...board.engine.nodes])
      if (node.el && !node.el.isConnected) board.removeWidget(node.el, false, false);
    for (const tile of editing.draft.peek().tiles) {
      const item = element.querySelector<GridItemHTMLElement>(`:scope > [data-tile="${tile.id}"]`);
      if (!item) continue;
      const cells = cellsOf(tile, count);
      if (item.gridstackNode) board.update(item, { ...cells });
      else board.makeWidget(item, { ...cells });
    }
  };

  useLayoutEffect(() => {
    const element = root.current;
    if (!element) return;
    const board = GridStack.init(
      {
        column: count,
        row: count,
        cellHeight: element.parentElement!.clientHeight / count,
        margin: 1,
        mode: 'float',
        animate: false,
        auto: false,
        engineClass: FreeEngine,
        alwaysShowResizeHandle: true,
        resizable: { handles: 'all' },
        draggable: { handle: '.layouts-tile', scroll: false },
      },
      element,
    );
    if (!board) return;
    grid.current = board;
    const untouch = dragByTouch(element);
    const size = new ResizeObserver(() => board.cellHeight(element.parentElement!.clientHeight / count));
    size.observe(element.parentElement!);

    let pointer: { x: number; y: number } | undefined;
    let current: number | undefined;
    const follow = (event: MouseEvent) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      pointer = { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
      editing.over.value = tileAt(editing.draft.peek(), pointer, current)?.id;
    };
    const begin = (_: Event, item: HTMLElement) => {
      current = Number(item.dataset.tile);
      editing.selected.value = [current];
      dragged.current = true;
    };
    const finish = (event: Event, item: HTMLElement) => {
      document.removeEventListener('mousemove', follow, true);
      const node = board.engine.nodes.find(({ el }) => el === item);
      const before = editing.draft.peek();
      const tile = current === undefined ? undefined : tileOf(before, current);
      const over = editing.over.peek();
      editing.over.value = undefined;
      current = undefined;
      setTimeout(() => {
        dragged.current = false;
      });
      if (!node || !tile) return;
      const cells: Cells = { x: node.x ?? 0, y: node.y ?? 0, w: node.w ?? 1, h: node.h ?? 1 };
      const was = cellsOf(tile, count);
      const still = (['x', 'y', 'w', 'h'] as const).every((key) => cells[key] === was[key]);
      let next = before;
      if (event.type === 'resizestop') next = still ? before : resized(before, tile.id, cells);
      else if (!still) next = moved(before, tile.id, cells);
      if (next === before && event.type === 'dragstop' && over !== undefined) {
        next = swapped(before, tile.id, over);
        editing.selected.value = [over];
      }
      editing.change(next);
      // What was refused goes back; gridstack has not finished with this event yet.
      queueMicrotask(sync);
    };
    board.on('dragstart', (event, item) => {
      begin(event, item);
      document.addEventListener('mousemove', follow, true);
    });
    board.on('resizestart', begin);
    board.on('dragstop', finish);
    board.on('resizestop', finish);
    return () => {
      untouch();
      size.disconnect();
      document.removeEventListener('mousemove', follow, true);
      grid.current = undefined;
      board.destroy(false);
    };
  }, []);
  useLayoutEffect(sync, [draft]);

  return (
    <div class="layouts-stage" data-orientation={orientation} data-grid={count}>
      {/* biome-ignore lint/a11y/useSemanticElements: gridstack wants a plain block */}
      <div
        ref={root}
        class="grid-stack"
        role="group"
        aria-label={t('stage')}
        aria-describedby="layouts-keys"
        onPointerDown={drawing.begin}
      >
        {draft.tiles.map((tile, index) => (
          <div key={tile.id} class="grid-stack-item" data-tile={tile.id} {...itemState(editing, tile.id)}>
            <StageTile
              editing={editing}
              tile={tile}
              index={index}
              names={names}
              limit={limits.get(index)}
              wasDragged={() => dragged.current}
            />
          </div>
        ))}
      </div>
      {drawing.rect.value && <div class="layouts-drawn" style={drawing.rect.value} />}
      {draft.tiles.length === 0 && <p class="layouts-empty">{t('emptyStage')}</p>}
    </div>
  );
}

/** Attributes, not classes: those belong to gridstack. */
function itemState(editing: Editing, id: number) {
  return {
    'data-selected': editing.selected.value.includes(id) || undefined,
    'data-over': editing.over.value === id || undefined,
  };
}
