import type { CreatedMeeting, SignallingErrorCode } from '../../proto/signalling.ts';
import { MeetingError } from './meeting-error.ts';

/**
 * Makes a new meeting (`POST /v1/meetings`).
 *
 * @param url Any address of the zone-controller; only its origin counts.
 * @throws MeetingError `unreachable`, or what the server said.
 */
export async function createMeeting(url: string): Promise<CreatedMeeting> {
  let response: Response;
  try {
    response = await fetch(new URL('/v1/meetings', url), { method: 'POST', signal: AbortSignal.timeout(10_000) });
  } catch (error) {
    throw new MeetingError('unreachable', String(error));
  }
  if (!response.ok) throw await refusal(response);
  // The zone-controller's own answer; its shape is CreatedMeeting by contract.
  return (await response.json()) as CreatedMeeting;
}

async function refusal(response: Response): Promise<MeetingError> {
  const body: unknown = await response.json().catch(() => undefined);
  const error = (typeof body === 'object' && body !== null && 'error' in body ? body.error : body) as
    | { code?: SignallingErrorCode; message?: string; retryAfterMs?: number }
    | undefined;
  if (response.status === 429) return new MeetingError('rateLimited', error?.message, error?.retryAfterMs);
  return new MeetingError(response.status === 503 ? 'noRouter' : 'internal', error?.message);
}
