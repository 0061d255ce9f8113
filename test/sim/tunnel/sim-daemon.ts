/** The tunnel's side of the simulated path: its real sessions, carriers and routes, with the sockets below them simulated. */
import type { Request, Response } from '../../../http-tunnel/media/carriers/http-exchange.ts';
import { HttpRoutes } from '../../../http-tunnel/media/carriers/http-routes.ts';
import { WebSocketCarrier } from '../../../http-tunnel/media/carriers/web-socket-carrier.ts';
import type { LegOwner, MediaLeg } from '../../../http-tunnel/media/leg/leg.ts';
import { type MediaCounters, newCounters } from '../../../http-tunnel/media/media-counters.ts';
import { MEDIA_LIMITS, MEDIA_TIMES } from '../../../http-tunnel/media/media-options.ts';
import { readWord } from '../../../http-tunnel/media/session/control-words.ts';
import { readRecords } from '../../../http-tunnel/media/session/records.ts';
import { SessionTable } from '../../../http-tunnel/media/session/session-table.ts';
import type { LegNumber } from '../../../proto/tunnel.ts';
import type { World } from '../world.ts';
import type { ServerSocket } from './sim-web-socket.ts';

/** As TunnelMedia has it. */
const SWEEP_US = 1_000_000;
const CLIENT = { address: '192.0.2.7', origin: undefined };

export class SimDaemon {
  readonly counters: MediaCounters = newCounters();
  readonly table: SessionTable;
  readonly #routes: HttpRoutes;

  constructor(world: World, newLeg: (number: LegNumber, owner: LegOwner) => MediaLeg) {
    const { counters } = this;
    const nowMs = (): number => world.nowUs / 1000;
    const environment = { newLeg, isRouter: () => true, dialSignalling: () => () => undefined, counters, nowMs };
    this.table = new SessionTable(MEDIA_LIMITS, async (ticket) => ({ holder: ticket }), environment);
    this.#routes = new HttpRoutes(this.table, counters, MEDIA_TIMES.bodyMs);
    world.every(SWEEP_US, SWEEP_US, () => {
      for (const session of [...this.table]) session.handleTimeout(nowMs());
    });
  }

  handleRequest(request: Request, response: Response, path: string): void {
    void this.#routes.handle(request, response, path, CLIENT);
  }

  /** As WebSocketDoor, which takes sockets of `ws` only: the first message says whose session it is. */
  accept(socket: ServerSocket): void {
    socket.once('message', (first) => {
      let text = '';
      readRecords(first, (_channel, payload) => {
        text = payload.toString();
        return true;
      });
      void this.#seat(socket, readWord(text));
    });
  }

  async #seat(socket: ServerSocket, word: ReturnType<typeof readWord>): Promise<void> {
    // What the carrier uses of a socket is there.
    const carrier = new WebSocketCarrier(socket as unknown as ConstructorParameters<typeof WebSocketCarrier>[0]);
    if (word?.type === 'open') {
      const session = await this.table.open(CLIENT, word.ticket);
      if (typeof session === 'string') throw new Error(session);
      session.attach(carrier, 0, { type: 'opened', ...session.key });
      carrier.serve(session);
      return;
    }
    const session = word?.type === 'resume' ? this.table.find(word) : undefined;
    if (session === undefined || word?.type !== 'resume') socket.close(4404);
    else if (session.attach(carrier, word.received, { type: 'resumed', received: session.received }))
      carrier.serve(session);
  }
}
