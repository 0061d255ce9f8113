/** The way from a controller to a client, on which a last word can be said that is the tunnel's own. */
import { Transform, type TransformCallback } from 'node:stream';
import { FrameEdges } from './frame-edges.ts';

/** Close (RFC 6455 section 5.5.1) with `code`, of a server: not masked. */
function closeFrame(code: number): Buffer {
  return Buffer.of(0x88, 2, code >>> 8, code & 0xff);
}

export class Farewell extends Transform {
  readonly #edges = new FrameEdges();
  #code: number | undefined;
  #isSaid = false;

  /** Closes with `code` between two frames of the controller, and lets nothing more through. */
  say(code: number): void {
    this.#code = code;
    this.#sayIfDue();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (!this.#isSaid) {
      this.#edges.push(chunk);
      this.push(chunk);
      this.#sayIfDue();
    }
    done();
  }

  #sayIfDue(): void {
    if (this.#code === undefined || this.#isSaid || !this.#edges.isAtEdge) return;
    this.#isSaid = true;
    this.push(closeFrame(this.#code));
    this.push(null);
  }
}
