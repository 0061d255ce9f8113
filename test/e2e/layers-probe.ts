/** Runs in the page: what is sent of a camera, size by size, and how evenly pictures arrive on the other side. */
import type { BrowserContext } from 'playwright-core';

export interface SentEncoding {
  rid: string;
  active: boolean;
  codec: string;
  width: number;
  height: number;
  framesEncoded: number;
  bytesSent: number;
  scalability: string;
  keyFrames: number;
  keyFramesAskedFor: number;
  /** Packets that were sent again because they were asked for. */
  resent: number;
}

/** Of the camera, lowest picture first. */
export async function sentEncodings(): Promise<SentEncoding[]> {
  const peer = window.probe.peers.at(-1);
  const { mid } = peer?.getTransceivers()[1] ?? {};
  const report = await peer?.getStats();
  const encodings: (SentEncoding & { index: number })[] = [];
  for (const stats of report?.values() ?? []) {
    if (stats.type !== 'outbound-rtp' || stats.mid !== mid) continue;
    encodings.push({
      index: stats.encodingIndex ?? 0,
      rid: stats.rid ?? '',
      active: stats.active ?? true,
      codec: report?.get(stats.codecId)?.mimeType ?? '',
      width: stats.frameWidth ?? 0,
      height: stats.frameHeight ?? 0,
      framesEncoded: stats.framesEncoded ?? 0,
      bytesSent: stats.bytesSent ?? 0,
      scalability: stats.scalabilityMode ?? '',
      keyFrames: stats.keyFramesEncoded ?? 0,
      keyFramesAskedFor: (stats.pliCount ?? 0) + (stats.firCount ?? 0),
      resent: stats.retransmittedPacketsSent ?? 0,
    });
  }
  return encodings.sort((a, b) => a.index - b.index);
}

/** By how much each of the camera's encodings is scaled down. */
export function cameraScales(): (number | undefined)[] {
  const sender = window.probe.peers.at(-1)?.getTransceivers()[1]?.sender;
  return sender?.getParameters().encodings.map((encoding) => encoding.scaleResolutionDownBy) ?? [];
}

export interface ShownFrame {
  /** When it was handed to the display, milliseconds since 1970. */
  atMs: number;
  height: number;
  /** When it was filmed: milliseconds of the sender's clock, of unknown origin. */
  filmedMs: number;
}

declare global {
  interface Window {
    shownFrames?: ShownFrame[];
    /** When each frame of the camera was encoded, milliseconds since 1970. */
    encodedMs?: number[];
  }
}

/** Laid before the page opens: `window.encodedMs` notes when frames of its camera come out of the encoder. */
export const encoderWatch = {
  async lay(context: BrowserContext): Promise<void> {
    const script = { contentType: 'text/javascript', body: WATCHING_WORKER };
    await context.route(`**${WORKER_PATH}`, (route) => route.fulfill(script));
    await context.addInitScript(watchEncoders, WORKER_PATH);
  },
};

const WORKER_PATH = '/encoder-watch.js';
/** Passes encoded frames on, and tells when each one came. */
const WATCHING_WORKER = `onrtctransform = ({ transformer: { readable, writable } }) => {
  const watch = new TransformStream({
    transform(frame, controller) {
      postMessage(performance.timeOrigin + performance.now());
      controller.enqueue(frame);
    },
  });
  readable.pipeThrough(watch).pipeTo(writable);
};`;

/** Runs in the page. An encoder that runs already takes no transform. */
function watchEncoders(workerPath: string): void {
  const encodedMs: number[] = [];
  window.encodedMs = encodedMs;
  // lib.dom does not know trusted types, and wants a string.
  const { trustedTypes } = window as unknown as {
    trustedTypes?: { createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): TrustedUrls };
  };
  type TrustedUrls = { createScriptURL(url: string): string };
  const urls = trustedTypes?.createPolicy('encoder-watch', { createScriptURL: (url) => url });
  const { addTransceiver } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.addTransceiver = function (...args) {
    const transceiver = addTransceiver.apply(this, args);
    if (transceiver.direction === 'sendonly' && transceiver.receiver.track.kind === 'video') {
      const worker = new Worker(urls?.createScriptURL(workerPath) ?? workerPath);
      worker.onmessage = ({ data }) => encodedMs.push(data);
      transceiver.sender.transform = new RTCRtpScriptTransform(worker);
    }
    return transceiver;
  };
}

/** From now on notes every frame that the tile with this name shows. */
export function watchFrames(name: string): void {
  const figure = [...document.querySelectorAll('figure')].find((each) => each.getAttribute('aria-label') === name);
  const video = figure?.querySelector('video');
  if (!video) throw new Error(`there is no video of ${name}`);
  const frames: ShownFrame[] = [];
  window.shownFrames = frames;
  const note = (_: number, { presentationTime, height, rtpTimestamp = 0 }: VideoFrameCallbackMetadata) => {
    if (window.shownFrames !== frames) return;
    frames.push({ atMs: performance.timeOrigin + presentationTime, height, filmedMs: rtpTimestamp / 90 });
    video.requestVideoFrameCallback(note);
  };
  video.requestVideoFrameCallback(note);
}

export interface FreezeCounters {
  count: number;
  seconds: number;
}

/** What the browser itself calls a freeze (webrtc-stats, `freezeCount`), of the stream in this tile. */
export async function freezesOf(name: string): Promise<FreezeCounters> {
  const figure = [...document.querySelectorAll('figure')].find((each) => each.getAttribute('aria-label') === name);
  const stream = figure?.querySelector('video')?.srcObject;
  const track = stream instanceof MediaStream ? stream.getVideoTracks()[0]?.id : undefined;
  for (const stats of (await window.probe.peers.at(-1)?.getStats())?.values() ?? []) {
    if (stats.type !== 'inbound-rtp' || stats.trackIdentifier !== track) continue;
    return { count: stats.freezeCount ?? 0, seconds: stats.totalFreezesDuration ?? 0 };
  }
  throw new Error(`nothing arrives for the tile of ${name}`);
}
