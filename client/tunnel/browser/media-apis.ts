/** What browsers have that TypeScript's lib.dom does not know yet, and whether this one has what a tunnel needs. */

/** W3C mediacapture-transform, as Chromium has it: in windows, too. */
interface TrackProcessor {
  readonly readable: ReadableStream<VideoFrame>;
}
type TrackProcessorClass = new (init: { track: MediaStreamTrack; maxBufferSize?: number }) => TrackProcessor;

/** Chromium's earlier form of VideoTrackGenerator, which stands in windows. */
interface TrackGenerator extends MediaStreamTrack {
  readonly writable: WritableStream<VideoFrame>;
}
type TrackGeneratorClass = new (init: { kind: 'video' }) => TrackGenerator;

export function trackProcessor(): TrackProcessorClass | undefined {
  return Reflect.get(globalThis, 'MediaStreamTrackProcessor');
}

export function trackGenerator(): TrackGeneratorClass | undefined {
  return Reflect.get(globalThis, 'MediaStreamTrackGenerator');
}

/** WebCodecs for sound and picture, and AudioWorklet. Without them nobody comes in by a tunnel's carrier. */
export function canUseTunnel(): boolean {
  const needed = ['VideoDecoder', 'AudioDecoder', 'AudioEncoder', 'AudioWorkletNode', 'EncodedAudioChunk'];
  return needed.every((name) => name in globalThis);
}

/** Names of WebCodecs (its codec registry) for those of SDP. */
export const CODEC_STRINGS: Readonly<Record<'VP8' | 'VP9' | 'AV1', string>> = {
  VP8: 'vp8',
  VP9: 'vp09.00.31.08',
  AV1: 'av01.0.08M.08',
};

/** Of those that can be received, in the order of our preference. */
export async function decodableCodecs(): Promise<('VP8' | 'VP9' | 'AV1')[]> {
  const names = ['VP8', 'VP9', 'AV1'] as const;
  const answers = await Promise.all(
    names.map((name) => VideoDecoder.isConfigSupported({ codec: CODEC_STRINGS[name] }).catch(() => undefined)),
  );
  return names.filter((_, index) => answers[index]?.supported === true);
}
