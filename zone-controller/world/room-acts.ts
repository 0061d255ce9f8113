/**
 * What one zone has another do in a meeting: a breakout room may be in other zones than the meeting that it belongs to, and
 * then no router carries to one what was ordered in the other. So it is with the end of a meeting that is only in other zones
 * than its own. Nothing else can be ordered so, and only by a zone in which such a meeting may be.
 */
import { z } from 'zod';
import type { Bus, BusMessage, Subscription } from '../../bus/bus.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import { actCall } from '../../global-controller/buckets.ts';
import type { PersonAct } from '../../mmr/control/state/acts.ts';
import { readPersonAct } from '../../mmr/control/state/read-act.ts';
import { parseMeetingId } from '../meeting/meeting-id.ts';
import type { World } from './world.ts';
import type { ZoneSide } from './zone-side.ts';

const ANSWER_MS = 4_500;

/** In a room, by the zones of its meeting. */
const IN_ROOMS: readonly PersonAct['type'][] = ['sendTo', 'remove', 'announceEnd', 'endMeeting'];
/** In a meeting, by the zones of its rooms. */
const OF_ROOMS: readonly PersonAct['type'][] = ['enterRoom', 'leftRoom'];

const request = z.object({ meeting: z.string(), act: z.unknown() });

/** @throws ZonecastError as Bus.request, and what the meeting's routers say */
export async function askToAct(bus: Bus, zone: ZoneId, meeting: MeetingId, act: PersonAct): Promise<void> {
  const own = bus.sender.zone as ZoneId; // ours
  await bus.request(actCall(zone, own), { meeting, act }, { timeoutMs: ANSWER_MS });
}

export interface RoomActAnswersOptions {
  readonly bus: Bus;
  readonly world: Pick<World, 'own' | 'mayBeIn'>;
  readonly zone: Pick<ZoneSide, 'definitions' | 'act'>;
}

/** What each controller does for other zones. */
export class RoomActAnswers {
  readonly #options: RoomActAnswersOptions;
  readonly #subscription: Subscription;

  constructor(options: RoomActAnswersOptions) {
    this.#options = options;
    const { bus, world } = options;
    const handle = (message: BusMessage): Promise<object> => this.#act(message);
    this.#subscription = bus.respond(actCall(world.own, '*'), handle, { timeoutMs: ANSWER_MS });
  }

  close(): void {
    this.#subscription.close();
  }

  /** Of a meeting that is not here: nothing. */
  async #act({ payload, sender }: BusMessage): Promise<object> {
    const { world, zone } = this.#options;
    const read = request.safeParse(payload);
    const meeting = read.success ? parseMeetingId(read.data.meeting) : undefined;
    const act = read.success ? readPersonAct(read.data.act) : undefined;
    if (meeting === undefined || act === undefined) throw new ZonecastError('badMessage', 'This is no act.');
    const definition = zone.definitions.get(meeting);
    if (definition === undefined) return {};
    const isRoom = definition.main !== undefined;
    const isEnd = act.type === 'endMeeting' && definition.home === sender.zone;
    const isMeant = OF_ROOMS.includes(act.type) || (isRoom && IN_ROOMS.includes(act.type)) || isEnd;
    // The cast: the bus has proved that it is that zone.
    if (!isMeant || !world.mayBeIn(sender.zone as ZoneId, meeting, definition)) {
      throw new ZonecastError('notAllowed', 'This is not for that zone to order.');
    }
    await zone.act(meeting, act).catch((error: unknown) => {
      // Its routers in other zones have ended it for all.
      const isOver = error instanceof ZonecastError && error.code === 'noSuchMeeting';
      if (act.type !== 'endMeeting' || !isOver) throw error;
    });
    return {};
  }
}
