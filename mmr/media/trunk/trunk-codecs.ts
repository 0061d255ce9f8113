/** Payload types and header extensions on a trunk. Both ends know them: they belong to the version (`TRUNK_VERSION`). */
import type { ExtensionIds, NegotiatedCodec } from '../negotiated.ts';
import type { TrunkCodec } from './trunk-messages.ts';

/** Codec i of a source's list has payload type 96 + 3 i, its RTX the next one, its RED the one after that: up to 125. */
const FIRST_PAYLOAD_TYPE = 96;
const PER_CODEC = 3;
export const MAX_TRUNK_CODECS = 10;

/** What viewers are sent comes through; mid and rid do not: the stream's SSRC says what it is. */
export const TRUNK_EXTENSIONS: ExtensionIds = {
  mid: 0,
  rid: 0,
  repairedRid: 0,
  audioLevel: 1,
  transportSequenceNumber: 2,
  videoOrientation: 3,
  dependencyDescriptor: 4,
};

/** Lost packets of every codec are sent again on the RTX stream, of audio too; whoever sends RED, it passes as it is. */
export function trunkCodecs(announced: readonly TrunkCodec[]): NegotiatedCodec[] {
  return announced.slice(0, MAX_TRUNK_CODECS).map(({ name, clockRateHz, key }, i) => {
    const payloadType = FIRST_PAYLOAD_TYPE + PER_CODEC * i;
    return {
      name,
      clockRateHz,
      key,
      payloadType,
      rtxPayloadType: payloadType + 1,
      redPayloadType: name === 'opus' ? payloadType + 2 : undefined,
    };
  });
}

/** What is announced of a source's codecs. */
export function announcedCodecs(codecs: readonly NegotiatedCodec[]): TrunkCodec[] {
  return codecs.slice(0, MAX_TRUNK_CODECS).map(({ name, clockRateHz, key }) => ({ name, clockRateHz, key }));
}
