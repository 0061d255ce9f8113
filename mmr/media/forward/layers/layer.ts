/**
 * Layers of one encoding (RFC 9626 section 1, RFC 9628 section 3): spatial ones (sizes) and temporal ones (frame
 * rates). A target names the highest of both that a receiver is to get.
 */
export interface Layer {
  /** 0–7; 0 is the base. */
  readonly spatial: number;
  /** 0–7; 0 is the base. */
  readonly temporal: number;
}

/** What a slot is to get: a layer of the encoding named `rid` ('' without simulcast). */
export interface LayerTarget extends Layer {
  readonly rid: string;
}

/** Everything there is. */
export const ALL_LAYERS: Layer = { spatial: 7, temporal: 7 };

export const MAX_SPATIAL_LAYERS = 4;
export const MAX_TEMPORAL_LAYERS = 4;

/** Whether everything that `inner` has is in `outer` as well. */
export function includes(outer: Layer, inner: Layer): boolean {
  return inner.spatial <= outer.spatial && inner.temporal <= outer.temporal;
}
