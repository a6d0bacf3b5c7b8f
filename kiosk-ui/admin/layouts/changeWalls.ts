import type { ScreenWallList, Wall } from '../../../daemon/schema.ts';
import { request } from '../../api/request.ts';
import type { Action } from '../act.ts';
import { isUsed, usesOf } from './uses.ts';

/** Changes the walls of all screens that show the layout. @returns false: one was refused, and nothing further was done */
export async function changeWalls(
  action: Action,
  layout: string,
  change: (wall: Wall) => Wall,
): Promise<boolean> {
  const now = await request<ScreenWallList>('GET', '/api/walls');
  for (const { screen, own, wall } of now.ok ? now.value.walls : []) {
    if (!own || !isUsed(usesOf(wall, layout))) continue;
    const answer = await action.send('PUT', `/api/walls/${screen}`, change(wall));
    if (!answer.ok) return false;
  }
  return true;
}
