/** Writes what a TURN server says (RFC 8656, RFC 8489). Cold path: each message is an array of its own. */
import type { RemoteAddress } from '../../../mmr/media/remote-address.ts';
import { writeUint32 } from '../../../mmr/media/rtp/bytes.ts';
import { STUN_HEADER_BYTES, StunAttribute, type StunMessage } from '../../../mmr/media/stun/stun-message.ts';
import { StunWriter } from '../../../mmr/media/stun/stun-writer.ts';
import { PASSWORD_ALGORITHMS, type Proof } from './authentication.ts';
import type { TurnRefusal } from './turn-counters.ts';
import { TurnAttribute, TurnMethod } from './turn-protocol.ts';

/** Room for any answer: realm and nonce are the longest parts of it, at most 127 characters each. */
const MAX_ANSWER_BYTES = 512;
/** Attribute types that a 420 lists at most. */
const MAX_UNKNOWN_LISTED = 8;
/** Header, an IPv6 XOR-PEER-ADDRESS, the header of DATA and its padding. */
const DATA_OVERHEAD_BYTES = STUN_HEADER_BYTES + 24 + 4 + 3;
const DATA_INDICATION = 0x0010 | TurnMethod.data;
const SUCCESS = 0x0100;
const ERROR = 0x0110;

const REASONS: Readonly<Record<TurnRefusal, string>> = {
  400: 'Bad Request',
  401: 'Unauthenticated',
  403: 'Forbidden',
  420: 'Unknown Attribute',
  437: 'Allocation Mismatch',
  438: 'Stale Nonce',
  440: 'Address Family not Supported',
  441: 'Wrong Credentials',
  442: 'Unsupported Transport Protocol',
  443: 'Peer Address Family Mismatch',
  486: 'Allocation Quota Reached',
  508: 'Insufficient Capacity',
};

/** What an answer needs of its request, without the request's bytes: an Allocate is answered later. */
export interface Question {
  readonly method: number;
  readonly transactionId: Uint8Array;
  /** The request had one: so has the answer. */
  readonly hasFingerprint: boolean;
}

export function questionOf(message: StunMessage): Question {
  const { method, transactionId } = message;
  return { method, transactionId, hasFingerprint: message.fingerprintOffset >= 0 };
}

/** A success response; `write` puts its attributes. `proof` undefined: of Binding, which needs none. */
export function successAnswer(
  question: Question,
  proof: Proof | undefined,
  write: (writer: StunWriter) => void,
): Uint8Array {
  return answer(question, SUCCESS, proof, write);
}

/** What some error responses carry besides. */
export interface ErrorDetails {
  /** With 401 and 438: a challenge (RFC 8489 section 9.2.4), of this nonce. */
  readonly nonce?: string;
  /** With 420: attribute types that were not understood. */
  readonly unknown?: readonly number[];
}

/** An error response. */
export function errorAnswer(
  question: Question,
  proof: Proof | undefined,
  code: TurnRefusal,
  realm: string,
  { nonce, unknown }: ErrorDetails,
): Uint8Array {
  return answer(question, ERROR, proof, (writer) => {
    writer.errorCode(code, REASONS[code]);
    if (unknown !== undefined) writer.unknownAttributes(unknown.slice(0, MAX_UNKNOWN_LISTED));
    if (nonce === undefined) return;
    writer.attribute(StunAttribute.realm, new TextEncoder().encode(realm));
    writer.attribute(StunAttribute.nonce, new TextEncoder().encode(nonce));
    writer.attribute(StunAttribute.passwordAlgorithms, PASSWORD_ALGORITHMS);
  });
}

function answer(
  { method, transactionId, hasFingerprint }: Question,
  classBits: number,
  proof: Proof | undefined,
  write: (writer: StunWriter) => void,
): Uint8Array {
  const bytes = new Uint8Array(MAX_ANSWER_BYTES);
  const writer = new StunWriter();
  writer.begin(bytes, 0, classBits | method, transactionId);
  write(writer);
  if (proof?.integrity === 'sha1') writer.messageIntegrity(proof.key);
  if (proof?.integrity === 'sha256') writer.messageIntegritySha256(proof.key);
  if (hasFingerprint) writer.fingerprint();
  return bytes.subarray(0, writer.end());
}

/** LIFETIME (section 18.2), whole seconds. */
export function writeLifetime(writer: StunWriter, milliseconds: number): void {
  const value = new Uint8Array(4);
  writeUint32(value, 0, Math.max(0, Math.round(milliseconds / 1000)));
  writer.attribute(TurnAttribute.lifetime, value);
}

/** ADDRESS-ERROR-CODE (section 18.12): why the additional family is not there. */
export function writeAddressErrorCode(writer: StunWriter, family: 4 | 6, code: 440 | 508): void {
  const reason = new TextEncoder().encode(REASONS[code]);
  const value = new Uint8Array(4 + reason.length);
  value.set([family === 4 ? 1 : 2, 0, Math.floor(code / 100), code % 100]);
  value.set(reason, 4);
  writer.attribute(TurnAttribute.addressErrorCode, value);
}

const writer = new StunWriter();

/** A Data indication (section 11.3). */
export function dataIndication(transactionId: Uint8Array, peer: RemoteAddress, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(DATA_OVERHEAD_BYTES + data.length);
  writer.begin(bytes, 0, DATA_INDICATION, transactionId);
  writer.xorAddress(TurnAttribute.xorPeerAddress, peer);
  writer.attribute(TurnAttribute.data, data);
  return bytes.subarray(0, writer.end());
}
