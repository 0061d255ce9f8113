/** An error as an answer: its code, its words for people, and nothing of its insides. */
import { z } from 'zod';
import { toZonecastError } from '../../common/errors.ts';

export const failureSchema = z.object({
  code: z.string(),
  message: z.string().max(1_000),
  retryAfterMs: z.number().min(0).optional(),
});

export function toFailure(error: unknown): z.output<typeof failureSchema> {
  const { code, message, retryAfterMs } = toZonecastError(error);
  return { code, message: message.slice(0, 1_000), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
