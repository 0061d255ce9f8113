/** RTP header extensions (RFC 8285) that a browser knows, but offers only when it is asked to. */

/** AV1 RTP specification, appendix A: without it libwebrtc decodes nothing of AV1 with several spatial layers. */
const DEPENDENCY_DESCRIPTOR = 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';

interface HeaderExtension {
  uri: string;
  direction: RTCRtpTransceiverDirection;
}

/** W3C webrtc-extensions, "RTP Header Extension Control"; Chromium has it, TypeScript's lib.dom does not. */
interface ExtensionControl {
  getHeaderExtensionsToNegotiate?(): HeaderExtension[];
  setHeaderExtensionsToNegotiate?(extensions: HeaderExtension[]): void;
}

/**
 * Offers to receive dependency descriptors. Chromium does so by itself only while the same connection sends several
 * layers; a browser that does not know them goes on without, and gets the base layer of such streams.
 */
export function receiveDependencyDescriptor(transceiver: RTCRtpTransceiver & ExtensionControl): void {
  const extensions = transceiver.getHeaderExtensionsToNegotiate?.();
  const descriptor = extensions?.find(({ uri }) => uri === DEPENDENCY_DESCRIPTOR);
  if (extensions === undefined || descriptor === undefined) return;
  // Both ways, as a recvonly m-line has it of every other extension.
  descriptor.direction = 'sendrecv';
  transceiver.setHeaderExtensionsToNegotiate?.(extensions);
}
