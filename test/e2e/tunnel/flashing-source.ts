/**
 * A camera and a microphone that tell the time: pictures carry when they were painted, in black and white squares, and once a second there is a
 * tone for as long as the picture says so.
 */

import { pumpFrames } from '../../../client/tunnel/browser/frame-pump.ts';

const COLUMNS = 8;
const ROWS = 4;
const SQUARE = 40;
/** Bits of the time in milliseconds, then one for the tone, then one that is always white. */
const TIME_BITS = 20;
const PERIOD_MS = 1_000;
const TONE_MS = 200;

export interface FlashingSource {
  readonly camera: MediaStreamTrack;
  readonly microphone: MediaStreamTrack;
}

/** @param square Pixels of a square: the picture is 8 wide and 4 high. */
export function makeFlashingSource(context: AudioContext, square: number): FlashingSource {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: COLUMNS * square, height: ROWS * square });
  const pen = canvas.getContext('2d');
  const oscillator = new OscillatorNode(context, { frequency: 440 });
  const volume = new GainNode(context, { gain: 0 });
  const destination = new MediaStreamAudioDestinationNode(context);
  oscillator.connect(volume).connect(destination);
  oscillator.start();
  setInterval(() => {
    const nowMs = Math.round(performance.now());
    const isTone = nowMs % PERIOD_MS < TONE_MS;
    volume.gain.value = isTone ? 0.5 : 0;
    const bits = [...Array.from({ length: TIME_BITS }, (_, bit) => (nowMs >>> bit) & 1), isTone ? 1 : 0, 1];
    for (let i = 0; i < COLUMNS * ROWS; i++) {
      if (pen === null) return;
      pen.fillStyle = bits[i] === 1 ? '#fff' : '#000';
      pen.fillRect((i % COLUMNS) * square, Math.floor(i / COLUMNS) * square, square, square);
    }
  }, 33);
  const [camera] = canvas.captureStream(30).getVideoTracks();
  const [microphone] = destination.stream.getAudioTracks();
  if (camera === undefined || microphone === undefined) throw new Error('no tracks');
  return { camera, microphone };
}

export interface SeenPicture {
  readonly seenMs: number;
  /** Since it was painted. */
  readonly delayMs: number;
  readonly isTone: boolean;
}

/** Tells of each picture that a track shows. */
export function watchPictures(track: MediaStreamTrack, onPicture: (picture: SeenPicture) => void): void {
  const canvas = new OffscreenCanvas(COLUMNS * SQUARE, ROWS * SQUARE);
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  pumpFrames(track, (frame) => {
    if (pen === null) return;
    const seenMs = performance.now();
    pen.drawImage(frame, 0, 0, canvas.width, canvas.height);
    const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
    const bit = (i: number) => {
      const x = (i % COLUMNS) * SQUARE + SQUARE / 2;
      const y = Math.floor(i / COLUMNS) * SQUARE + SQUARE / 2;
      return (data[(y * canvas.width + x) * 4] ?? 0) > 127 ? 1 : 0;
    };
    if (bit(TIME_BITS + 1) === 0) return;
    let paintedMs = 0;
    for (let i = 0; i < TIME_BITS; i++) paintedMs += bit(i) * 2 ** i;
    const delayMs = (Math.round(seenMs) % 2 ** TIME_BITS) - paintedMs;
    onPicture({ seenMs, delayMs, isTone: bit(TIME_BITS) === 1 });
  });
}

/** Tells when the tone of a track begins to be heard. */
export function watchTone(context: AudioContext, track: MediaStreamTrack, onTone: (beganMs: number) => void): void {
  const analyser = new AnalyserNode(context, { fftSize: 256 });
  new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([track]) }).connect(analyser);
  const samples = new Float32Array(256);
  let isTone = false;
  setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const isLoud = Math.max(...samples) > 0.1;
    if (isLoud && !isTone) onTone(performance.now());
    isTone = isLoud;
  }, 5);
}
