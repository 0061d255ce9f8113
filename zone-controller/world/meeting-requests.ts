/**
 * Requests to the meeting service about a meeting that another zone keeps: handed on to that zone as they came, with what the
 * caller shows, and answered by it as if he had asked there. This zone decides nothing of it.
 */
import { z } from 'zod';
import type { Bus, BusMessage, Subscription } from '../../bus/bus.ts';
import { type ErrorCode, ZonecastError } from '../../common/errors.ts';
import type { ZoneId } from '../../common/ids.ts';
import { meetingRequestCall } from '../../global-controller/buckets.ts';
import type { ZoneSide } from './zone-side.ts';

/** To check a host key, and to have routers of several zones end a meeting. */
const ANSWER_MS = 8_000;
/** As long as that takes; beyond, who asks is told to wait. */
const MAX_CONCURRENT = 20;
const RETRY_MS = 2_000;
/** Of an HTTP server, all headers together have 16 KiB. */
const header = z.string().max(8_192).optional();

/** What of a request concerns its meeting's zone. */
const meetingRequest = z.object({
  /** Name of an entry of the HTTP API. */
  operation: z.string().max(64),
  meeting: z.string().max(64),
  query: z.record(z.string(), z.string()),
  body: z.unknown().optional(),
  headers: z.object({ authorization: header, 'zonecast-host-key': header, 'if-match': header }),
  /** Of the client, as limits count it. */
  address: z.string().max(64),
});
export type MeetingRequest = z.output<typeof meetingRequest>;

const meetingAnswer = z.object({
  status: z.int().min(200).max(299),
  body: z.unknown().optional(),
  headers: z.record(z.string(), z.string()),
});
export type MeetingAnswer = z.output<typeof meetingAnswer>;

/** Nobody there has answered; it may have been done all the same. */
const AWAY: readonly ErrorCode[] = ['busUnavailable', 'noResponder', 'requestTimedOut'];

/** @throws ZonecastError what that zone says, or `tryAgain` when it does not answer */
export async function handOn(bus: Bus, zone: ZoneId, request: MeetingRequest): Promise<MeetingAnswer> {
  const own = bus.sender.zone as ZoneId; // ours
  try {
    const { payload } = await bus.request(meetingRequestCall(zone, own), request, { timeoutMs: ANSWER_MS });
    const read = meetingAnswer.safeParse(payload);
    if (read.success) return read.data;
  } catch (error) {
    if (!(error instanceof ZonecastError && AWAY.includes(error.code))) throw error;
    throw unreachable(zone, error);
  }
  throw new ZonecastError('badRecord', `What the zone "${zone}" answers cannot be read.`);
}

export function unreachable(zone: ZoneId, cause?: unknown): ZonecastError {
  const message = `The zone "${zone}" keeps this meeting, and does not answer at the moment. Try again.`;
  return new ZonecastError('tryAgain', message, { retryAfterMs: RETRY_MS, cause });
}

/** What each controller answers for other zones' callers. */
export class MeetingRequestAnswers {
  readonly #zone: Pick<ZoneSide, 'answer'>;
  readonly #subscription: Subscription;

  constructor(bus: Bus, own: ZoneId, zone: Pick<ZoneSide, 'answer'>) {
    this.#zone = zone;
    const handle = (message: BusMessage): Promise<MeetingAnswer> => this.#answer(message);
    const limits = { timeoutMs: ANSWER_MS, maxConcurrent: MAX_CONCURRENT };
    this.#subscription = bus.respond(meetingRequestCall(own, '*'), handle, limits);
  }

  close(): void {
    this.#subscription.close();
  }

  async #answer({ payload, sender }: BusMessage): Promise<MeetingAnswer> {
    const read = meetingRequest.safeParse(payload);
    if (!read.success) throw new ZonecastError('badMessage', 'This is no request about a meeting.');
    // That zone says whose address it is: it may not have those of others locked out.
    const address = `${read.data.address} via ${sender.zone}`;
    return this.#zone.answer({ ...read.data, address });
  }
}
