/**
 * The stored packets as the media core sees them. The engine's memory has this shape; tests use plain arrays. A
 * reference to a packet is a slot and its generation: when the generation has moved on, the packet is gone.
 */
export interface PacketStore {
  /** Slots of SLOT_BYTES each; received packets lie at the start of theirs, decrypted in place. */
  readonly store: Uint8Array;
  /** Current generation of a slot. */
  generation(slot: number): number;
}
