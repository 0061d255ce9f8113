import { expect, test, vi } from 'vitest';
import { receiveDependencyDescriptor } from './header-extensions.ts';

const DESCRIPTOR = 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';
const MID = { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', direction: 'sendrecv' };

/** As far as the function looks at a transceiver. */
function slot(extensions?: object[]) {
  const setHeaderExtensionsToNegotiate = vi.fn();
  const control =
    extensions === undefined
      ? {}
      : { getHeaderExtensionsToNegotiate: () => structuredClone(extensions), setHeaderExtensionsToNegotiate };
  receiveDependencyDescriptor(control as unknown as RTCRtpTransceiver);
  return setHeaderExtensionsToNegotiate.mock.calls;
}

test('the dependency descriptor is asked for beside what is offered anyway', () => {
  expect(slot([MID, { uri: DESCRIPTOR, direction: 'stopped' }])).toEqual([
    [[MID, { uri: DESCRIPTOR, direction: 'sendrecv' }]],
  ]);
});

test('a browser that does not know it, or cannot be asked, is left alone', () => {
  expect(slot([MID])).toEqual([]);
  expect(slot()).toEqual([]);
});
