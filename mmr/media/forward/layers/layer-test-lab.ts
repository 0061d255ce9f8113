/** What the tests of readers and selectors share: packets made from a few fields, and a slot that follows a wish. */

import type { ExtensionIds } from '../../negotiated.ts';
import { parseRtpHeader } from '../../rtp/rtp-header.ts';
import { IncomingPacket } from '../incoming-packet.ts';
import type { Layer } from './layer.ts';
import type { LayerReader } from './layer-reader.ts';
import type { LayerSelector } from './layer-selector.ts';

const DESCRIPTOR_ID = 12;

export const LAB_EXTENSIONS: ExtensionIds = {
  mid: 0,
  rid: 0,
  repairedRid: 0,
  audioLevel: 0,
  transportSequenceNumber: 0,
  videoOrientation: 0,
  dependencyDescriptor: DESCRIPTOR_ID,
};

export interface LabPacket {
  readonly index: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload: Uint8Array;
  /** Dependency descriptor. */
  readonly descriptor?: Uint8Array | undefined;
}

/** As it comes out of the RTP header parser. The extension block has the two-byte form. */
export function incoming({ index, timestamp, marker, payload, descriptor }: LabPacket): IncomingPacket {
  const elements = descriptor === undefined ? [] : [DESCRIPTOR_ID, descriptor.length, ...descriptor];
  while (elements.length % 4 !== 0) elements.push(0);
  const words = elements.length / 4;
  const bytes = new Uint8Array(12 + (words === 0 ? 0 : 4 + elements.length) + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, words === 0 ? 0x80 : 0x90);
  view.setUint8(1, (marker ? 0x80 : 0) | 96);
  view.setUint16(2, index & 0xffff);
  view.setUint32(4, timestamp);
  if (words !== 0) {
    view.setUint16(12, 0x1000);
    view.setUint16(14, words);
    bytes.set(elements, 16);
  }
  bytes.set(payload, bytes.length - payload.length);
  const packet = new IncomingPacket();
  packet.bytes = bytes;
  packet.sizeBytes = bytes.length;
  packet.index = index;
  if (!parseRtpHeader(bytes, 0, bytes.length, packet.header)) throw new Error('the lab made a malformed packet');
  return packet;
}

/** Follows a wish among the layers of one stream as a slot does: stays with what it has until it can enter the other. */
export class LabSlot {
  wish: Layer;
  /** Undefined before the first key frame. */
  current: Layer | undefined;
  readonly #reader: LayerReader;
  readonly #selectors = new Map<string, LayerSelector>();

  constructor(reader: LayerReader, wish: Layer) {
    this.#reader = reader;
    this.wish = wish;
  }

  get selector(): LayerSelector {
    return this.#selectorOf(this.current ?? this.wish);
  }

  /**
   * Whether the packet, which the reader has just read, goes to the receiver. `mayChange`: it follows the one before, or
   * starts a key frame and is newer than all.
   */
  handle({ frame }: IncomingPacket, mayChange = true): boolean {
    const isSettled = this.current?.spatial === this.wish.spatial && this.current.temporal === this.wish.temporal;
    if (mayChange && !isSettled && this.#selectorOf(this.wish).canEnter(frame, this.current)) this.current = this.wish;
    return this.current !== undefined && this.selector.keeps(frame);
  }

  #selectorOf(layer: Layer): LayerSelector {
    const key = `${layer.spatial}/${layer.temporal}`;
    const selector = this.#selectors.get(key) ?? this.#reader.selector(layer);
    this.#selectors.set(key, selector);
    return selector;
  }
}
