/** Wraps what this process says, in its zone's name. */
import { type KeyObject, randomBytes, sign } from 'node:crypto';
import { ZonecastError } from '../../common/errors.ts';
import { formatSender, isName, type Sender } from '../sender.ts';
import { encodeEnvelope, ID_BYTES, type Kind, signaturePart, signedPart } from './envelope.ts';

/** Largest payload, in bytes of JSON. With its envelope it stays below MAX_ENVELOPE_BYTES. */
export const MAX_PAYLOAD_BYTES = 256 * 1024;

export interface Identity {
  readonly sender: Sender;
  /** Ed25519, the zone's. */
  readonly privateKey: KeyObject;
}

export class Signer {
  readonly sender: Sender;
  readonly #senderText: string;
  readonly #privateKey: KeyObject;
  readonly #nowMs: () => number;

  /** @throws ZonecastError `badConfig` when the names or the key are no such */
  constructor({ sender, privateKey }: Identity, nowMs: () => number) {
    if (!isName(sender.zone) || !isName(sender.instance)) {
      throw new ZonecastError('badConfig', `"${formatSender(sender)}" is no name for the bus.`);
    }
    if (privateKey.asymmetricKeyType !== 'ed25519' || privateKey.type !== 'private') {
      throw new ZonecastError('badConfig', "The zone's key for the bus is no Ed25519 private key.");
    }
    this.sender = sender;
    this.#senderText = formatSender(sender);
    this.#privateKey = privateKey;
    this.#nowMs = nowMs;
  }

  /** A new id, hexadecimal. */
  newId(): string {
    return randomBytes(ID_BYTES).toString('hex');
  }

  /** @throws ZonecastError `badMessage` when the payload is too large; TypeError when it cannot be JSON */
  wrap(kind: Kind, subject: string, value: unknown, id = this.newId()): Buffer {
    const payload = Buffer.from(JSON.stringify(value) ?? 'null');
    if (payload.length > MAX_PAYLOAD_BYTES) {
      throw new ZonecastError('badMessage', `${payload.length} bytes are too many for the bus.`);
    }
    const bytes = encodeEnvelope({ kind, timeMs: this.#nowMs(), id, sender: this.#senderText, subject, payload });
    signaturePart(bytes).set(sign(null, signedPart(bytes), this.#privateKey));
    return bytes;
  }
}
