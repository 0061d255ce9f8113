/**
 * What controllers of two zones say to each other about one meeting's definition: a zone asks for one that it does not find in
 * the bucket, has it ended by the meeting's zone, and tells zones in which the meeting is of a change. Who asks is proved by the
 * bus; whose the meeting is, its id says.
 */
import { z } from 'zod';
import type { Bus, BusMessage, Subscription } from '../../bus/bus.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import { type DefinitionCall, definitionCall } from '../../global-controller/buckets.ts';
import { parseMeetingId } from '../meeting/meeting-id.ts';
import { definition, type MeetingDefinition } from '../registry/records.ts';
import { isShared, type Known } from './shared-meetings.ts';
import type { ZoneSide } from './zone-side.ts';

/** For another zone to answer; whoever joins waits for it, and for the bucket before. */
const ANSWER_MS = 1_500;

const request = z.object({ meeting: z.string(), definition: definition.optional() });
const answer = z.object({ definition: definition.optional() });

/** What another zone has of a meeting; undefined: it tells of no such meeting. @throws ZonecastError as Bus.request */
export async function askZone(
  bus: Bus,
  zone: ZoneId,
  what: Exclude<DefinitionCall, 'definitionChanged'>,
  meeting: MeetingId,
): Promise<MeetingDefinition | undefined> {
  const own = bus.sender.zone as ZoneId; // ours
  const { payload } = await bus.request(definitionCall(zone, own, what), { meeting }, { timeoutMs: ANSWER_MS });
  const read = answer.safeParse(payload);
  if (!read.success) throw new ZonecastError('badRecord', `What ${zone} tells of a meeting cannot be read.`);
  return read.data.definition && { ...read.data.definition, home: zone };
}

/** Tells a zone in which the meeting is that it is otherwise. @throws ZonecastError as Bus.request */
export async function tellZone(bus: Bus, zone: ZoneId, meeting: MeetingId, changed: MeetingDefinition): Promise<void> {
  const own = bus.sender.zone as ZoneId; // ours
  const subject = definitionCall(zone, own, 'definitionChanged');
  await bus.request(subject, { meeting, definition: changed }, { timeoutMs: ANSWER_MS });
}

export interface DefinitionAnswersOptions {
  readonly bus: Bus;
  readonly world: Known;
  readonly zone: Pick<ZoneSide, 'definition' | 'endMeeting' | 'definitionTold'>;
}

/** What each controller answers other zones. */
export class DefinitionAnswers {
  readonly #options: DefinitionAnswersOptions;
  readonly #subscriptions: Subscription[];

  constructor(options: DefinitionAnswersOptions) {
    this.#options = options;
    const { bus, world } = options;
    const on = (what: DefinitionCall, handle: (message: BusMessage) => Promise<unknown>): Subscription =>
      bus.respond(definitionCall(world.own, '*', what), handle, { timeoutMs: ANSWER_MS });
    this.#subscriptions = [
      on('definition', async (message) => ({ definition: await this.#shared(readRequest(message).meeting) })),
      on('endMeeting', (message) => this.#end(readRequest(message).meeting)),
      on('definitionChanged', (message) => this.#told(message)),
    ];
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.close();
  }

  async #end(meeting: MeetingId): Promise<z.input<typeof answer>> {
    const { zone } = this.#options;
    // What others may not know of they cannot end.
    if ((await this.#shared(meeting)) === undefined) return {};
    return { definition: await zone.endMeeting(meeting) };
  }

  async #told(message: BusMessage): Promise<object> {
    const { world, zone } = this.#options;
    const { meeting, definition: told } = readRequest(message);
    const home = world.blockZone(meeting);
    if (told === undefined || home === undefined || home !== message.sender.zone) {
      throw new ZonecastError('badMessage', 'This is not for that zone to tell.');
    }
    await zone.definitionTold(meeting, { ...told, home });
    return {};
  }

  async #shared(meeting: MeetingId): Promise<MeetingDefinition | undefined> {
    const { world, zone } = this.#options;
    const known = await zone.definition(meeting);
    // A copy is another zone's to tell of.
    if (known === undefined || known.home !== undefined || !isShared(world, meeting, known)) return undefined;
    return known;
  }
}

function readRequest({ payload }: BusMessage): { meeting: MeetingId; definition?: MeetingDefinition | undefined } {
  const read = request.safeParse(payload);
  const meeting = read.success ? parseMeetingId(read.data.meeting) : undefined;
  if (!read.success || meeting === undefined) throw new ZonecastError('badMessage', 'This is no meeting.');
  return { ...read.data, meeting };
}
