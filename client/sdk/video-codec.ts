export type VideoCodec = 'vp8' | 'vp9' | 'h264' | 'av1';

interface Codec {
  readonly mimeType: string;
}

/** Reads a codec's name as it stands in a link; undefined for anything that is none. */
export function parseVideoCodec(text: string | null | undefined): VideoCodec | undefined {
  const name = text?.toLowerCase();
  return name === 'vp8' || name === 'vp9' || name === 'h264' || name === 'av1' ? name : undefined;
}

/** The same codecs with those of one name first; the order is otherwise kept, so that profiles stay as preferred. */
export function preferCodec<C extends Codec>(codecs: readonly C[], codec: VideoCodec): C[] {
  const wanted = `video/${codec}`;
  const isWanted = (each: C) => each.mimeType.toLowerCase() === wanted;
  return [...codecs.filter(isWanted), ...codecs.filter((each) => !isWanted(each))];
}
