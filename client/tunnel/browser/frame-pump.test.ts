import { afterEach, expect, test, vi } from 'vitest';
import { pumpFrames } from './frame-pump.ts';

class FakeFrame {
  isClosed = false;
  close(): void {
    this.isClosed = true;
  }
}

afterEach(() => vi.unstubAllGlobals());

test('every frame is closed, also those that were captured when nobody wanted more', async () => {
  const frames = Array.from({ length: 2 }, () => new FakeFrame());
  let source: ReadableStreamDefaultController<FakeFrame> | undefined;
  let isCancelled = false;
  const readable = new ReadableStream<FakeFrame>({
    start: (controller) => {
      source = controller;
    },
    cancel: () => {
      isCancelled = true;
    },
  });
  vi.stubGlobal(
    'MediaStreamTrackProcessor',
    class {
      readonly readable = readable;
    },
  );
  const seen: unknown[] = [];
  // Of a track, nothing is asked here.
  const pump = pumpFrames({} as MediaStreamTrack, (frame) => seen.push(frame));
  source?.enqueue(frames[0] as FakeFrame);
  await expect.poll(() => seen.length).toBe(1);
  source?.enqueue(frames[1] as FakeFrame);
  pump.stop();
  await expect.poll(() => isCancelled).toBe(true);
  expect(seen).toEqual([frames[0]]);
  expect(frames.map(({ isClosed }) => isClosed)).toEqual([true, true]);
});
