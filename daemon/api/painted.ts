import { PageLiveness, ReloadLimit } from '../camera/liveness.ts';
import { ScreenHeartbeat } from '../camera/screenHeartbeat.ts';
import type { MjpegViewer } from '../fanout/mjpeg.ts';
import type { PageEvent, ServerEvent } from '../schema.ts';
import { isLoopback } from '../system/loopback.ts';
import type { Caller } from './auth/caller.ts';
import type { ApiDeps } from './deps.ts';

export type PaintedOptions = Pick<ApiDeps, 'cameras' | 'viewers' | 'log'> &
  Partial<Pick<ApiDeps, 'heartbeat' | 'note' | 'replays'>>;

/** What a page is known by, as far as it matters here. */
export type PageCaller = Pick<Caller, 'kind' | 'screen' | 'address' | 'key'>;

/** What pages say that they paint: the screen's heartbeat, and repairs where it is not what they were sent. */
export class PaintedPages {
  /** Since the start: pictures opened anew and pages loaded anew at our word, pictures opened anew of the pages' own accord. */
  readonly repairs = { reopen: 0, reload: 0, itself: 0 };
  readonly #options: PaintedOptions;
  readonly #heartbeat: ScreenHeartbeat;
  readonly #reloads = new ReloadLimit();

  constructor(options: PaintedOptions) {
    this.#options = options;
    this.#heartbeat = options.heartbeat ?? new ScreenHeartbeat();
  }

  /**
   * For the life of one events socket. @param page the part before the dot in the `viewer` of its pictures
   * @param screen which of the box's screens it is, if it is one
   * @returns takes each report, and says what the page is to be told
   */
  open(page: string | undefined, caller: PageCaller, screen = 1): (event: PageEvent) => ServerEvent[] {
    const liveness = new PageLiveness();
    // While nobody has to sign in the kiosk has no cookie that tells it from another page on the box.
    const isScreen = caller.screen || (caller.kind === 'open' && isLoopback(caller.address));
    return (event) => {
      if (event.type === 'shown') {
        if (isScreen) this.#options.replays?.note(screen, event);
        return [];
      }
      if (isScreen) {
        this.#heartbeat.beat(event, screen);
        this.#options.replays?.lives(screen);
      }
      if (page === undefined) return [];
      const now = performance.now();
      const viewers = new Map<string, MjpegViewer>();
      for (const viewer of this.#options.viewers.ofPage(page)) if (viewer.id) viewers.set(viewer.id, viewer);
      const repairs = liveness.look({
        ...{ tiles: event.tiles, visible: event.visible, now },
        changedAt: (id) => viewers.get(id)?.changedAt,
        mayReload: () => this.#reloads.allow(`${caller.key} ${caller.address}`, now),
      });
      return repairs.flatMap(({ action, viewer }): ServerEvent[] => {
        this.#record(action, viewer, viewers.get(viewer)?.stream, page);
        if (action === 'itself') return [];
        return [{ type: 'repair', viewer: action === 'reload' ? null : viewer, action }];
      });
    };
  }

  #record(
    action: keyof PaintedPages['repairs'],
    viewer: string,
    stream: string | undefined,
    page: string,
  ): void {
    const { log, cameras, note } = this.#options;
    this.repairs[action]++;
    const camera = stream === undefined ? undefined : cameras.stream(stream)?.camera;
    log.warn({ action, camera, stream, viewer, page }, 'a page does not paint what it is sent');
    if (camera !== undefined) note?.(camera, 'repair');
  }
}
