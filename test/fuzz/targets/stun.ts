/** STUN: `parseStun`, and the two checks that stand between a stranger and a session. */
import { verifyFingerprint, verifyIntegrity, verifyIntegritySha256 } from '../../../mmr/media/stun/stun-integrity.ts';
import { parseStun } from '../../../mmr/media/stun/stun-message.ts';
import { RFC5769_PASSWORD } from '../../../mmr/media/stun/stun-vectors.ts';
import { type FuzzTarget, hold, isUint } from '../fuzz-target.ts';

const HEADER_BYTES = 20;
const MAX_ATTRIBUTES = 32;

export const stunTarget: FuzzTarget = {
  name: 'stun',
  runs: 30_000,
  maxSize: 2048,
  // Five methods that look at the whole array (transaction id, user name, the three checks), attributes once.
  readsPerByte: 14,
  run(bytes, offset, size) {
    const message = parseStun(bytes, offset, size);
    if (message === undefined) return undefined;
    hold(size >= HEADER_BYTES && size % 4 === 0, 'size');
    hold(isUint(message.method, 12), 'method');
    hold(message.transactionId.length === 12, 'transaction id');
    hold(message.unknownRequired.length <= MAX_ATTRIBUTES, 'number of unknown attributes');
    hold(message.priority === undefined || isUint(message.priority, 32), 'priority');
    hold(message.errorCode === undefined || (message.errorCode >= 0 && message.errorCode < 1000), 'error code');
    const mapped = message.xorMappedAddress;
    hold(mapped === undefined || mapped.bytes.length === (mapped.family === 4 ? 4 : 16), 'mapped address');
    for (const [at, valueSize] of [
      [message.integrityOffset, 20],
      [message.integritySha256Offset, 32],
      [message.fingerprintOffset, 4],
    ] as const) {
      hold(at === -1 || (at >= offset + HEADER_BYTES && at + 4 + valueSize <= offset + size), 'attribute offset');
    }
    const authentic = verifyIntegrity(message, RFC5769_PASSWORD);
    hold(!authentic || message.integrityOffset >= 0, 'integrity without its attribute');
    const { bytes: _, offset: __, integrityOffset, integritySha256Offset, fingerprintOffset, ...rest } = message;
    const absent = [integrityOffset, integritySha256Offset, fingerprintOffset].map((at) => at < 0);
    const authenticSha256 = verifyIntegritySha256(message, RFC5769_PASSWORD);
    return [rest, absent, authentic, authenticSha256, verifyFingerprint(message)];
  },
  repair(input) {
    if (input.length < HEADER_BYTES) return;
    const body = (input.length - HEADER_BYTES) & ~3;
    input[0] = (input[0] as number) & 0x3f;
    input[2] = body >>> 8;
    input[3] = body;
    input.set([0x21, 0x12, 0xa4, 0x42], 4);
  },
};
