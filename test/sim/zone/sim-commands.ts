/** What a controller asks of routers, over a network that may lose the question, the answer, or time. */
import { ZonecastError } from '../../../common/errors.ts';
import type { MeetingId, RouterId } from '../../../common/ids.ts';
import type { SimHost } from '../common/sim-host.ts';
import type { SimNetwork } from './sim-network.ts';
import type { SimRouter } from './sim-router.ts';

const CALL_MS = 5_000;

export interface CommandOptions {
  /** The controller's. */
  readonly host: SimHost;
  readonly network: SimNetwork;
  readonly routers: ReadonlyMap<RouterId, SimRouter>;
}

export class SimCommands {
  readonly #options: CommandOptions;

  constructor(options: CommandOptions) {
    this.#options = options;
  }

  /** Runs there. Rejects with what it throws, or `noRouter`: then it may have run all the same. */
  run<Reply>(router: RouterId, command: (router: SimRouter) => Reply): Promise<Reply> {
    const { host, network, routers } = this.#options;
    const there = routers.get(router);
    const unanswered = () => new ZonecastError('noRouter', 'The router does not answer.', { retryAfterMs: 2_000 });
    if (there === undefined) return Promise.reject(unanswered());
    return network.call(host, there.host, CALL_MS, unanswered, () => command(there));
  }

  close(router: RouterId, meeting: MeetingId, epoch: number): Promise<void> {
    return this.run(router, (there) => there.closeIfEmpty(meeting, epoch));
  }
}
