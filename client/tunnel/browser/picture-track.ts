/** Decoded pictures as one lasting MediaStreamTrack, which elements show like that of any connection. */
import { trackGenerator } from './media-apis.ts';

export interface PictureTrack {
  readonly track: MediaStreamTrack;
  /** Takes the frame over. */
  show(frame: VideoFrame): void;
  close(): void;
}

export function makePictureTrack(): PictureTrack {
  const Generator = trackGenerator();
  if (Generator === undefined) return makeCanvasTrack();
  const track = new Generator({ kind: 'video' });
  const writer = track.writable.getWriter();
  return {
    track,
    show: (frame) => {
      if ((writer.desiredSize ?? 0) <= 0) frame.close();
      else writer.write(frame).catch(() => frame.close());
    },
    close: () => {
      track.stop();
      writer.close().catch(() => undefined);
    },
  };
}

function makeCanvasTrack(): PictureTrack {
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d', { alpha: false, desynchronized: true });
  const [track] = canvas.captureStream().getVideoTracks();
  if (track === undefined || pen === null) throw new Error('a canvas cannot be captured here');
  return {
    track,
    show: (frame) => {
      if (canvas.width !== frame.displayWidth) canvas.width = frame.displayWidth;
      if (canvas.height !== frame.displayHeight) canvas.height = frame.displayHeight;
      pen.drawImage(frame, 0, 0);
      frame.close();
    },
    close: () => track.stop(),
  };
}
