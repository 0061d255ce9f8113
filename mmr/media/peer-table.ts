/** Whose transport is whose: by the engine's handle for every packet, by ICE ufrag for checks. */
import type { MediaPeer } from './packet-path.ts';

export class PeerTable<Peer extends MediaPeer> {
  /** Index: transport handle. */
  readonly byHandle: (Peer | undefined)[] = [];
  readonly #byUfrag = new Map<string, Peer>();
  readonly #ufrags = new Map<Peer, string>();

  byUfrag(ufrag: string): Peer | undefined {
    return this.#byUfrag.get(ufrag);
  }

  ufragOf(peer: Peer): string | undefined {
    return this.#ufrags.get(peer);
  }

  add(peer: Peer, ufrag: string): void {
    this.byHandle[peer.transport.handle] = peer;
    this.#byUfrag.set(ufrag, peer);
    this.#ufrags.set(peer, ufrag);
  }

  remove(peer: Peer): void {
    this.byHandle[peer.transport.handle] = undefined;
    this.#byUfrag.delete(this.#ufrags.get(peer) ?? '');
    this.#ufrags.delete(peer);
  }
}
