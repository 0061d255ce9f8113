/** Looking at the first bytes of a stream that somebody else is to read from its beginning. */
import type { Readable } from 'node:stream';

/** What to do about the bytes that are there: wait for more, or be done, with so many of them taken off. */
export type StartVerdict = { readonly type: 'more' } | { readonly type: 'done'; readonly takenBytes: number };

/**
 * Shows `look` what has arrived so far, each time more has, until it is done; the rest is put back, unread. `late` is called
 * instead when that takes too long. Neither is called when the stream ends before.
 */
export function readStart(
  stream: Readable,
  deadlineMs: number,
  look: (bytes: Buffer) => StartVerdict,
  late: () => void,
): void {
  let bytes: Buffer = Buffer.alloc(0);
  const stop = (): void => {
    clearTimeout(timer);
    stream.off('readable', read).off('close', stop);
  };
  const read = (): void => {
    // The cast: no encoding is set, so what is read are buffers.
    const chunk = stream.read() as Buffer | null;
    if (chunk === null) return;
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    const verdict = look(bytes);
    if (verdict.type === 'more') return;
    stop();
    if (verdict.takenBytes < bytes.length) stream.unshift(bytes.subarray(verdict.takenBytes));
  };
  const timer = setTimeout(() => {
    stop();
    late();
  }, deadlineMs);
  stream.on('readable', read).on('close', stop);
}
