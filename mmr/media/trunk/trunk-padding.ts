/**
 * The stream of a trunk that carries nothing but padding: by it the trunk's capacity is probed before the first source is
 * demanded, and after the last one is gone. To the other end it is an RTX stream that repeats nothing.
 */
import type { EgressPlan } from '../egress/egress-plan.ts';
import { writePadding } from '../egress/padding-writer.ts';
import { RtxStream } from '../egress/rtx-stream.ts';
import { IngressStream } from '../ingress/ingress-stream.ts';
import type { NegotiatedSource } from '../negotiated.ts';
import type { EgressStream } from '../transport/egress-stream.ts';
import { TRUNK_EXTENSIONS } from './trunk-codecs.ts';

/** Of both ends; no demand has it. */
export const PADDING_SSRC = 3;
const PADDING_PAYLOAD_TYPE = 127;
const CLOCK_RATE_HZ = 90_000;

export class TrunkPadding implements EgressStream {
  readonly ssrc = PADDING_SSRC;
  readonly rtxSsrc = undefined;
  readonly clockRateHz = CLOCK_RATE_HZ;
  readonly shedRank = 0;
  readonly packetsSent = 0;
  readonly payloadBytesSent = 0;
  readonly #handle: number;
  readonly #stream = new RtxStream(PADDING_SSRC);

  /** `handle` is the engine's. */
  constructor(handle: number) {
    this.#handle = handle;
  }

  writePadding(_nowUs: number, out: EgressPlan): number {
    const { transportSequenceNumber } = TRUNK_EXTENSIONS;
    return writePadding(out, this.#handle, this.#stream, PADDING_PAYLOAD_TYPE, 0, transportSequenceNumber);
  }

  timestampAt(): undefined {}
  handleNack(): void {}
  handleKeyframeRequest(): void {}
  handleReceiverReport(): void {}
  handlePacerDrop(): void {}
}

/** What the other end's padding comes in on. */
export function paddingReception(): IngressStream {
  const nothing: NegotiatedSource = {
    mid: '',
    kind: 'screen',
    codecs: [
      { name: 'VP8', key: '', clockRateHz: CLOCK_RATE_HZ, payloadType: 0, rtxPayloadType: PADDING_PAYLOAD_TYPE },
    ],
    ssrc: undefined,
    rids: [],
    muted: true,
  };
  return new IngressStream(PADDING_SSRC, nothing, '', new IngressStream(0, nothing));
}
