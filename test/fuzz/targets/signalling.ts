/** Frames of a client's WebSocket: `readMessage`. */
import { MESSAGE_BYTES, readMessage } from '../../../zone-controller/signalling/read-message.ts';
import { type FuzzTarget, hold } from '../fuzz-target.ts';
import { mutateJson } from '../mutate-json.ts';

const TYPES: readonly string[] = [
  'join',
  'resume',
  'offer',
  'view',
  'mute',
  'move',
  'moveDone',
  'mediaLost',
  'leave',
  'ping',
];

export const signallingTarget: FuzzTarget = {
  name: 'signalling',
  runs: 5_000,
  maxSize: MESSAGE_BYTES + 1024,
  readsPerByte: undefined,
  vary: mutateJson,
  run(bytes, offset, size) {
    const text = new TextDecoder().decode(bytes.subarray(offset, offset + size));
    const result = readMessage(text);
    hold(Object.keys(Object.prototype).length === 0, 'no prototype was polluted');
    if ('error' in result) {
      hold(result.error.message.length < 300, 'a refusal repeats nothing long');
      hold(result.id === undefined || Number.isSafeInteger(result.id), 'request id');
      return [result.error.code, result.error.message, result.id];
    }
    hold(text.length <= MESSAGE_BYTES, 'a message has a largest size');
    hold(TYPES.includes(result.message.type), 'a known type');
    hold(!('id' in result.message) || Number.isSafeInteger(result.message.id), 'request id');
    return result.message;
  },
};
