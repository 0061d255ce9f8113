/** What Chromium can encode, the router forwards: key frames are recognised and a decoder can start. */
import { expect, test } from 'vitest';
import { useZone } from './fixture.ts';

const zone = useZone();

test.each([
  { codec: 'vp8', mimeType: 'video/VP8' },
  { codec: 'h264', mimeType: 'video/H264' },
  { codec: 'vp9', mimeType: 'video/VP9' },
  { codec: 'av1', mimeType: 'video/AV1' },
])('Chromium publishes $codec', async ({ codec, mimeType }) => {
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada', { codec });
  const bob = await zone.join(link, 'Bob');
  await bob.decodes('Ada');
  expect((await bob.video('Ada'))?.codec).toBe(mimeType);
  // The other way round, the plain VP8 of Bob: what one sends says nothing about what one receives.
  await ada.decodes('Bob');
  expect((await ada.video('Bob'))?.codec).toBe('video/VP8');

  // A late joiner starts in the middle of the stream, so a key frame was asked for and recognised.
  const cid = await zone.join(link, 'Cid');
  await cid.decodes('Ada');
  expect((await cid.video('Ada'))?.codec).toBe(mimeType);
});
