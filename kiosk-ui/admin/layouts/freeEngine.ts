import { GridStackEngine, type GridStackNode } from 'gridstack';

/**
 * Gridstack pushes widgets out of each other’s way, as dashboards want it. On a wall a tile that was not touched must
 * stay where it is, so here a dragged one may lie over others until it is let go; arrange.ts then decides.
 */
export class FreeEngine extends GridStackEngine {
  override collide(): GridStackNode | undefined {
    return undefined;
  }

  override collideAll(): GridStackNode[] {
    return [];
  }

  override moveNodeCheck(
    node: GridStackNode,
    move: Parameters<GridStackEngine['moveNodeCheck']>[1],
  ): boolean {
    return this.changedPosConstrain(node, move) && this.moveNode(node, move);
  }
}
