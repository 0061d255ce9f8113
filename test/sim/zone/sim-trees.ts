/** Tells routers where meetings are: a model of zone-controller/meeting/tree-sender.ts. */
import type { MeetingId, RouterId } from '../../../common/ids.ts';
import { isNewer, isOn, isSpread, placesOf } from '../../../zone-controller/placement/placement-tree.ts';
import type { Placements } from '../../../zone-controller/placement/placements.ts';
import type { MeetingPlacement } from '../../../zone-controller/registry/records.ts';
import type { SimHost } from '../common/sim-host.ts';
import type { SimCommands } from './sim-commands.ts';

const RETRY_MS = 2_000;

export class SimTrees {
  readonly #host: SimHost;
  readonly #commands: SimCommands;
  readonly #placements: Placements;

  constructor(host: SimHost, commands: SimCommands, placements: Placements) {
    this.#host = host;
    this.#commands = commands;
    this.#placements = placements;
  }

  /** Resolves when that router has taken it. */
  tell(router: RouterId, meeting: MeetingId, placement: MeetingPlacement): Promise<void> {
    return this.#commands.run(router, (there) => there.setTree(meeting, placement));
  }

  /** To all of its routers; again as long as it is the latest and a router does not answer. */
  send(meeting: MeetingId, placement: MeetingPlacement): void {
    if (!isSpread(placement)) return;
    for (const router of new Set(placesOf(placement).map((place) => place.router))) {
      this.tell(router, meeting, placement).catch(() => {
        this.#host.after(RETRY_MS, () => {
          const current = this.#placements.current(meeting);
          if (current !== undefined && !isNewer(current, placement) && isOn(placement, router)) {
            this.send(meeting, placement);
          }
        });
      });
    }
  }
}
