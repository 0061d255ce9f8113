/** The reader for a stream, by its codec. */
import type { CodecName } from '../../negotiated.ts';
import { Av1Reader } from './av1-reader.ts';
import { H264Reader } from './h264-reader.ts';
import type { LayerReader } from './layer-reader.ts';
import { SingleLayerReader } from './single-layer-reader.ts';
import { Vp8Reader } from './vp8-reader.ts';
import { Vp9Reader } from './vp9-reader.ts';

export function makeLayerReader(codec: CodecName): LayerReader {
  switch (codec) {
    case 'opus':
      return new SingleLayerReader();
    case 'VP8':
      return new Vp8Reader();
    case 'VP9':
      return new Vp9Reader();
    case 'H264':
      return new H264Reader();
    case 'AV1':
      return new Av1Reader();
  }
}
