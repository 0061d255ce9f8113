/** What clients say on the channels of control and of the session, looked at before anything is done with it. */
import { z } from 'zod';
import type { TunnelRequest } from '../../../proto/tunnel.ts';

/** Candidates in an answer: those of one router, a few of each family. */
const MAX_CANDIDATES = 16;

const leg = z.union([z.literal(0), z.literal(1)]);
const count = z.int().nonnegative();
const key = { session: z.string().max(64), secret: z.string().max(128) };

const request = z.discriminatedUnion('type', [
  z.object({ type: z.literal('open'), leg }),
  z.object({
    type: z.literal('connect'),
    leg,
    candidates: z
      .array(z.object({ address: z.string().max(64), port: z.int().min(1).max(65_535) }))
      .max(MAX_CANDIDATES),
    ufrag: z.string().max(256),
    pwd: z.string().max(256),
    fingerprint: z.string().max(256),
  }),
  z.object({ type: z.literal('close'), leg }),
  z.object({ type: z.literal('openSignalling') }),
  z.object({ type: z.literal('closeSignalling') }),
  z.object({ type: z.literal('ping') }),
]);

const ticket = z.string().max(4096).optional();
const word = z.discriminatedUnion('type', [
  z.object({ type: z.literal('open'), ticket }),
  z.object({ type: z.literal('resume'), received: count, ...key }),
  z.object({ type: z.literal('received'), received: count, bytes: count.optional() }),
]);

/** Undefined when it is none. */
export function readRequest(text: string): TunnelRequest | undefined {
  return request.safeParse(readJson(text)).data;
}

export function readWord(text: string): z.output<typeof word> | undefined {
  return word.safeParse(readJson(text)).data;
}

/** The bodies of POST sessions and POST carriers. */
export function readOpening(text: string): { ticket?: string | undefined } | undefined {
  return z.object({ ticket }).safeParse(text === '' ? {} : readJson(text)).data;
}

export function readResumption(text: string): { received: number } | undefined {
  return z.object({ received: count }).safeParse(readJson(text)).data;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
