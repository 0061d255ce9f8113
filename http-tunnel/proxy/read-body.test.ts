import { PassThrough } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { readBody } from './read-body.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('whole, too large, cut off, too slow; what comes after is not kept', async () => {
  vi.useFakeTimers();
  const body = () => {
    const stream = new PassThrough();
    return { stream, read: readBody(stream, 10, 10_000) };
  };
  const [whole, large, cut, slow] = [body(), body(), body(), body()];
  whole.stream.end('0123456789');
  large.stream.write('01234567890');
  cut.stream.destroy();
  slow.stream.write('0');
  expect(await whole.read).toEqual(Buffer.from('0123456789'));
  expect(await large.read).toBe('tooLarge');
  expect(await cut.read).toBe('gone');
  for (let i = 0; i < 10; i++) {
    vi.advanceTimersByTime(1_000);
    slow.stream.write('');
  }
  expect(await slow.read).toBe('tooSlow');
  expect([slow.stream.isPaused(), slow.stream.listenerCount('data')]).toEqual([true, 0]);
});
