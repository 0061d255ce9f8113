/**
 * What every message, answer and value on the bus is wrapped in. The signature covers all of it but itself:
 *
 *   0      version, 1
 *   1      kind
 *   2      signature, 64 bytes: Ed25519 over DOMAIN, bytes 0–1, and everything from byte 66 on
 *   66     time, milliseconds since 1970, 48 bits, big endian
 *   72     id, 16 random bytes; an answer has that of its request
 *   88     length of the sender, then the sender as `zone/instance`
 *          length of the subject, then the subject
 *          payload to the end: JSON, UTF-8
 *
 * Lengths are one byte, and sender and subject ASCII. Hostile bytes are values here: nothing throws.
 */
import type { DropReason } from '../bus-observer.ts';
import { parseSender, type Sender } from '../sender.ts';

export const VERSION = 1;
/** In place of the signature, what is signed begins with this: no signature of another protocol can be taken for one. */
const DOMAIN = Buffer.from('zonecast bus\0');
const SIGNATURE_AT = 2;
const SIGNED_FROM = 66;
const ID_AT = 72;
const SENDER_AT = 88;
export const ID_BYTES = SENDER_AT - ID_AT;

/** Each is signed as what it is, so that one cannot be passed off as another. */
export const KINDS = ['message', 'request', 'answer', 'failure', 'value', 'deletion'] as const;
export type Kind = (typeof KINDS)[number];

export interface Envelope {
  readonly kind: Kind;
  readonly timeMs: number;
  /** 16 bytes, hexadecimal */
  readonly id: string;
  readonly sender: Sender;
  readonly subject: string;
  readonly payload: Uint8Array;
}

/** The bytes of an envelope with room for its signature, and what is to be signed. */
export function encodeEnvelope(envelope: Omit<Envelope, 'sender'> & { readonly sender: string }): Buffer {
  const { kind, timeMs, id, sender, subject, payload } = envelope;
  const bytes = Buffer.alloc(SENDER_AT + 1 + sender.length + 1 + subject.length + payload.length);
  bytes[0] = VERSION;
  bytes[1] = KINDS.indexOf(kind);
  bytes.writeUIntBE(timeMs, SIGNED_FROM, 6);
  bytes.write(id, ID_AT, 'hex');
  let at = writeText(bytes, sender, SENDER_AT);
  at = writeText(bytes, subject, at);
  bytes.set(payload, at);
  return bytes;
}

/** What the signature of an envelope is over. */
export function signedPart(bytes: Uint8Array): Buffer {
  return Buffer.concat([DOMAIN, bytes.subarray(0, SIGNATURE_AT), bytes.subarray(SIGNED_FROM)]);
}

export function signaturePart(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(SIGNATURE_AT, SIGNED_FROM);
}

/** What an envelope says, with nothing of it proved yet. */
export function decodeEnvelope(bytes: Uint8Array): Envelope | DropReason {
  if (bytes.length === 0) return 'malformed';
  if (bytes[0] !== VERSION) return 'unknownVersion';
  const kind = KINDS[bytes[1] ?? KINDS.length];
  if (kind === undefined || bytes.length < SENDER_AT) return 'malformed';
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const senderText = readText(view, SENDER_AT);
  if (senderText === undefined) return 'malformed';
  const sender = parseSender(senderText);
  const subjectAt = SENDER_AT + 1 + senderText.length;
  const subject = readText(view, subjectAt);
  if (sender === undefined || subject === undefined) return 'malformed';
  return {
    kind,
    timeMs: view.readUIntBE(SIGNED_FROM, 6),
    id: view.toString('hex', ID_AT, SENDER_AT),
    sender,
    subject,
    payload: view.subarray(subjectAt + 1 + subject.length),
  };
}

function writeText(bytes: Buffer, text: string, at: number): number {
  bytes[at] = text.length;
  return at + 1 + bytes.write(text, at + 1, 'latin1');
}

/** Latin-1: one character a byte, so that lengths agree whatever the bytes are. */
function readText(bytes: Buffer, at: number): string | undefined {
  const length = bytes[at];
  if (length === undefined || at + 1 + length > bytes.length) return undefined;
  return bytes.toString('latin1', at + 1, at + 1 + length);
}
