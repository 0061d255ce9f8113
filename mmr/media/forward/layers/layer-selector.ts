/**
 * Which packets of one stream belong to a target layer, and where a receiver may change to it. Decides only: it writes no
 * byte. One implementation per kind of stream; docs/layer-switching.md tells each by scenarios.
 */
import type { FrameInfo } from './frame-info.ts';
import type { Layer } from './layer.ts';

export interface LayerSelector {
  readonly target: Layer;
  /** Whether the packet belongs to the target. Packets of one frame get one answer. Hot. */
  keeps(frame: FrameInfo): boolean;
  /**
   * Whether a receiver may go on with this target from this packet on. `from` is the target it has been getting of the
   * same stream; undefined when it has nothing of it, so that only a key frame will do. Only at the first packet of a
   * picture, and cheap elsewhere. True for every target that `from` includes: down never waits.
   */
  canEnter(frame: FrameInfo, from: Layer | undefined): boolean;
  /** Whether the packet, which is kept, is the last of its picture as far as the target goes: it has the RTP marker. */
  endsPicture(frame: FrameInfo, marker: boolean): boolean;
  /**
   * AV1: value of active_decode_targets_bitmask that the receiver is to be told, undefined when the publisher's own
   * descriptor may pass unchanged. It changes with the stream's structure and the publisher's own active targets.
   */
  readonly activeDecodeTargets: number | undefined;
  /** How many decode targets the stream's structure has: the width of that value in bits; 0 without a structure. */
  readonly decodeTargetCount: number;
}
