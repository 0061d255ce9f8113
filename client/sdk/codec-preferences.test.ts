import { expect, test } from 'vitest';
import { codecPreferences } from './codec-preferences.ts';

const video = (name: string, sdpFmtpLine?: string) => ({
  mimeType: `video/${name}`,
  ...(sdpFmtpLine === undefined ? {} : { sdpFmtpLine }),
});

/** As Chromium 156 lists them, shortened. */
const VIDEO = [
  video('VP8'),
  video('rtx'),
  video('VP9', 'profile-id=0'),
  video('VP9', 'profile-id=2'),
  video('H264', 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f'),
  video('H264', 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f'),
  video('AV1', 'level-idx=5;profile=0;tier=0'),
  video('AV1', 'level-idx=5;profile=1;tier=0'),
  video('red'),
  video('ulpfec'),
  video('flexfec-03', 'repair-window=10000000'),
];
const AUDIO = ['opus', 'red', 'G722', 'CN', 'telephone-event'].map((name) => ({ mimeType: `audio/${name}` }));

const names = (codecs: readonly { mimeType: string }[] | undefined) => codecs?.map(({ mimeType }) => mimeType.slice(6));

test('a slot takes what routers forward, in the order of the browser, and nothing else', () => {
  expect(names(codecPreferences(VIDEO, 'video', undefined))).toEqual(['VP8', 'rtx', 'VP9', 'H264', 'AV1']);
  expect(names(codecPreferences(AUDIO, 'audio', undefined))).toEqual(['opus', 'red']);
});

test('a source is sent in the codec that was asked for, sound with redundancy', () => {
  expect(names(codecPreferences(VIDEO, 'video', 'av1'))).toEqual(['AV1', 'VP8', 'rtx', 'VP9', 'H264']);
  expect(names(codecPreferences(AUDIO, 'audio', 'av1'))).toEqual(['red', 'opus']);
});

test.each([[undefined], [[]], [[video('red'), video('rtx')]]])('of %j there is nothing to prefer', (codecs) => {
  expect(codecPreferences(codecs, 'video', 'vp8')).toBeUndefined();
});
