/** Pictures of a track, one after the other, as they are captured. */
import { trackProcessor } from './media-apis.ts';

/** The frame is closed when the listener returns. */
export type FrameListener = (frame: VideoFrame) => void;

export interface FramePump {
  stop(): void;
}

export function pumpFrames(track: MediaStreamTrack, listener: FrameListener): FramePump {
  const Processor = trackProcessor();
  return Processor === undefined
    ? pumpByElement(track, listener)
    : pumpByReader(new Processor({ track, maxBufferSize: 2 }).readable.getReader(), listener);
}

function pumpByReader(reader: ReadableStreamDefaultReader<VideoFrame>, listener: FrameListener): FramePump {
  let isStopped = false;
  const run = async () => {
    for (;;) {
      const { value: frame } = await reader.read();
      if (frame === undefined) return;
      try {
        if (!isStopped) listener(frame);
      } finally {
        frame.close();
      }
      // Not before: what waits in the stream would never be closed.
      if (isStopped) await reader.cancel();
    }
  };
  // Ends with the track, or at the first frame after it was stopped.
  run().catch(() => undefined);
  return {
    stop: () => {
      isStopped = true;
    },
  };
}

/** Without a processor: an element plays the track, and each picture that it presents is taken. */
function pumpByElement(track: MediaStreamTrack, listener: FrameListener): FramePump {
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  let handle = 0;
  const take = (nowMs: number) => {
    handle = video.requestVideoFrameCallback(take);
    const frame = new VideoFrame(video, { timestamp: Math.round(nowMs * 1000) });
    listener(frame);
    frame.close();
  };
  handle = video.requestVideoFrameCallback(take);
  // Muted, it may play without a gesture.
  video.play().catch(() => undefined);
  return {
    stop: () => {
      video.cancelVideoFrameCallback(handle);
      video.srcObject = null;
    },
  };
}
