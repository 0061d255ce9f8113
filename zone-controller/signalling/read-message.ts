/** From a text frame to a typed message, in time that the frame's length bounds. Pure. */
import { ZonecastError } from '../../common/errors.ts';
import type { ClientMessage } from '../../proto/signalling.ts';
import { clientMessageSchema } from './client-message.ts';

/** Of a text frame: the 512 KB that a router takes as an offer (mmr/sdp), with what JSON adds to its line ends. */
export const MESSAGE_BYTES = 640 * 1024;
/** The deepest message, a view entry's source, has 4 levels. */
export const MESSAGE_DEPTH = 8;

export type ReadMessage =
  | { readonly message: ClientMessage }
  /** `id` of the request that the error answers, when the frame had one. */
  | { readonly error: ZonecastError; readonly id: number | undefined };

/** Reads one frame. Never throws for hostile text. */
export function readMessage(text: string): ReadMessage {
  if (text.length > MESSAGE_BYTES) return refusal('The message is too long.');
  if (nestingDepth(text, MESSAGE_DEPTH) > MESSAGE_DEPTH) return refusal('The message is nested too deeply.');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refusal('The message is not JSON.');
  }
  const result = clientMessageSchema.safeParse(value);
  if (result.success) return { message: result.data };
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'message' : issue.path.join('.').slice(0, 64);
  return refusal(`The message is not understood (${where}).`, requestId(value));
}

function refusal(message: string, id?: number): ReadMessage {
  return { error: new ZonecastError('badMessage', message), id };
}

function requestId(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'id')) return undefined;
  const { id } = value as { id: unknown };
  return Number.isSafeInteger(id) ? (id as number) : undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** How deep arrays and objects nest in JSON text; stops counting just above `limit`. */
export function nestingDepth(text: string, limit: number): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (inString) {
      if (character === BACKSLASH) index++;
      else if (character === QUOTE) inString = false;
    } else if (character === QUOTE) inString = true;
    else if (character === OPEN_ARRAY || character === OPEN_OBJECT) {
      deepest = Math.max(deepest, ++depth);
      if (deepest > limit) return deepest;
    } else if (character === CLOSE_ARRAY || character === CLOSE_OBJECT) depth--;
  }
  return deepest;
}
