/** Which formats an audio stream is sent in: what its publisher sends now, and what each slot's receiver is to get. */
import type { Slot } from '../egress/slot.ts';
import type { NegotiatedCodec } from '../negotiated.ts';
import { parseRed } from '../rtp/red.ts';
import { RedFormat } from './audio-format.ts';
import type { IncomingPacket } from './incoming-packet.ts';

/**
 * Plain packets on end after which a publisher counts as sending no RED any more (5 s): a change moves all his receivers,
 * and whoever alternates must not have them moved for each packet.
 */
const PLAIN_PACKETS = 250;

export class AudioFormats {
  #sendsRed = false;
  #hasChanged = false;
  /** Since the last packet of RED. */
  #plainPackets = 0;
  /** By the receivers' payload type. */
  readonly #red: RedFormat[] = [];

  /** Fills what `packet` says of RED, which it may be. False when it is and cannot be read. */
  read(packet: IncomingPacket, codec: NegotiatedCodec): boolean {
    const { header, bytes, red } = packet;
    packet.isRed = header.payloadType === codec.redPayloadType;
    if (packet.isRed && !parseRed(bytes, header.payloadOffset, header.payloadSize, red)) return false;
    if (packet.isRed && !red.isAllOf(codec.payloadType)) return false;
    this.#plainPackets = packet.isRed ? 0 : this.#plainPackets + 1;
    const sendsRed = packet.isRed || (this.#sendsRed && this.#plainPackets < PLAIN_PACKETS);
    if (sendsRed !== this.#sendsRed) {
      this.#sendsRed = sendsRed;
      this.#hasChanged = true;
    }
    return true;
  }

  /** Whether the publisher has changed between RED and plain since the last call. */
  takeChange(): boolean {
    const hasChanged = this.#hasChanged;
    this.#hasChanged = false;
    return hasChanged;
  }

  /** What the slot's receiver gets of a stream of `codec`; undefined for plain. */
  for(slot: Slot, codec: NegotiatedCodec): RedFormat | undefined {
    if (!slot.hasRedundancyRoom || (!this.#sendsRed && !slot.wantsRedundancy)) return undefined;
    const own = slot.codecFor(codec);
    if (own?.redPayloadType === undefined) return undefined;
    let format = this.#red.find(({ payloadType }) => payloadType === own.payloadType);
    if (format === undefined) {
      format = new RedFormat(own.payloadType, codec.payloadType);
      this.#red.push(format);
    }
    return format;
  }

  /** Another run: what was remembered of the last one counts no more. */
  restart(): void {
    this.#red.length = 0;
  }
}
