import { beforeEach, expect, test, vi } from 'vitest';
import type { PublishOptions } from './encoding-plan.ts';
import { SourceSender } from './source-sender.ts';
import { FakePeer } from './testing/fake-peer.ts';

const VP8: PublishOptions = { codec: 'vp8', simulcast: true, scalability: undefined };

beforeEach(() => {
  vi.stubGlobal('RTCRtpSender', { getCapabilities: () => null });
});

/** As far as a sender looks at a track. */
function track(height: number, width = (height * 16) / 9): MediaStreamTrack {
  return { kind: 'video', getSettings: () => ({ width, height }) } as MediaStreamTrack;
}

function cameraOf(first: MediaStreamTrack | undefined, options: Partial<PublishOptions> = {}) {
  const peer = new FakePeer();
  // A fake that has what a sender uses.
  const source = new SourceSender(peer as unknown as RTCPeerConnection, 'camera', first, { ...VP8, ...options });
  const sender = peer.transceivers[0]?.sender;
  if (sender === undefined) throw new Error('no transceiver was added');
  const encodings = () =>
    sender.parameters.encodings.map(({ rid, active, scaleResolutionDownBy }) => [rid, active, scaleResolutionDownBy]);
  return { source, sender, encodings };
}

test('three sizes, each thinnable in time', () => {
  const { sender, encodings } = cameraOf(track(720));
  expect(encodings()).toEqual([
    ['l', true, 4],
    ['m', true, 2],
    ['h', true, 1],
  ]);
  expect(sender.parameters.encodings).toEqual(
    sender.parameters.encodings.map(() => expect.objectContaining({ scalabilityMode: 'L1T3' })),
  );
});

// Chromium makes one stream of spatial layers out of it otherwise.
test.each(['vp9', 'av1'] as const)(
  'simulcast of %s names the layers of each encoding, also after a change',
  async (codec) => {
    const { source, sender } = cameraOf(track(720), { codec });
    const modes = () =>
      sender.parameters.encodings.map((each) => ('scalabilityMode' in each ? each.scalabilityMode : ''));
    expect(modes()).toEqual(['L1T3', 'L1T3', 'L1T3']);
    await source.setDemand([{ rid: 'h', active: false }]);
    expect(modes()).toEqual(['L1T3', 'L1T3', 'L1T3']);
  },
);

test('SVC is one encoding without a name', () => {
  const { sender } = cameraOf(track(720), { codec: 'vp9', scalability: 'L3T3_KEY' });
  expect(sender.parameters.encodings).toEqual([
    { active: true, maxBitrate: 1_200_000, scaleResolutionDownBy: 1, scalabilityMode: 'L3T3_KEY' },
  ]);
});

test('a camera that is opened later, and is small, leaves the encodings silent that it cannot fill', async () => {
  const { source, sender, encodings } = cameraOf(undefined);
  await source.send(track(640, 360));
  expect(encodings()).toEqual([
    ['l', true, 2],
    ['m', true, 1],
    ['h', false, 1],
  ]);
  await source.send(track(720));
  expect(encodings().map(([, active]) => active)).toEqual([true, true, true]);
  expect(sender.changes).toBe(2);
});

test('changes that come at once are made one after the other, and the last one counts', async () => {
  const { source, encodings } = cameraOf(track(720));
  const wishes = [false, true, false].map((active) => source.setDemand([{ rid: 'h', active }]));
  await Promise.all([...wishes, source.send(track(720))]);
  expect(encodings().map(([, active]) => active)).toEqual([true, true, false]);
});

test('what is so already is not set again: it would cost a key frame', async () => {
  const { source, sender } = cameraOf(track(720));
  await source.adjust();
  await source.setDemand([{ rid: 'h', active: true }]);
  expect(sender.changes).toBe(0);
});

test('an answer without simulcast leaves one encoding: it carries the whole picture', async () => {
  const { source, sender, encodings } = cameraOf(track(720));
  const [lowest] = sender.parameters.encodings;
  sender.parameters.encodings = lowest === undefined ? [] : [lowest];
  await source.adjust();
  expect(encodings()).toEqual([['l', true, 1]]);
  expect(sender.parameters.encodings[0]?.maxBitrate).toBe(1_600_000);
});

test('a sender that refuses does not stop the next change', async () => {
  const { source, sender, encodings } = cameraOf(track(720));
  vi.spyOn(sender, 'setParameters').mockRejectedValueOnce(new DOMException('', 'OperationError'));
  await source.setDemand([{ rid: 'h', active: false }]);
  await source.setDemand([{ rid: 'm', active: false }]);
  expect(encodings().map(([, active]) => active)).toEqual([true, false, true]);
});

test('a shared screen keeps its resolution before its frame rate', async () => {
  const peer = new FakePeer();
  const source = new SourceSender(peer as unknown as RTCPeerConnection, 'screen', undefined, VP8);
  await source.send(track(1080));
  expect(peer.transceivers[0]?.sender.parameters).toMatchObject({
    degradationPreference: 'maintain-resolution',
    encodings: [
      { rid: 'l', maxFramerate: 15, scaleResolutionDownBy: 2, scalabilityMode: 'L1T3' },
      { rid: 'h', maxFramerate: 15, scaleResolutionDownBy: 1, scalabilityMode: 'L1T3' },
    ],
  });
});
