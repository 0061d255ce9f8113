/** A request's body as a whole: what is passed on has a length, and a slow client holds nobody but itself up. */
import type { Readable } from 'node:stream';

/** `gone`: the client went away meanwhile. */
export type BodyEnd = Buffer | 'tooLarge' | 'tooSlow' | 'gone';

export function readBody(request: Readable, maxBytes: number, deadlineMs: number): Promise<BodyEnd> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const { promise, resolve } = Promise.withResolvers<BodyEnd>();
  const timer = setTimeout(() => resolve('tooSlow'), deadlineMs);
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else resolve('tooLarge');
  });
  request.on('end', () => resolve(Buffer.concat(chunks)));
  request.on('error', () => resolve('gone'));
  request.on('close', () => resolve('gone'));
  return promise.finally(() => {
    clearTimeout(timer);
    request.removeAllListeners('data').pause();
  });
}
