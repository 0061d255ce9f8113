/** An RTCPeerConnection without media, as far as `MediaConnection` uses one. */
export class FakePeer extends EventTarget {
  static all: FakePeer[] = [];
  connectionState = 'new';
  iceConnectionState = 'new';
  localDescription: { sdp: string } | undefined;
  readonly #number = FakePeer.all.push(this);
  #transceivers = 0;

  static get last(): FakePeer {
    const peer = FakePeer.all.at(-1);
    if (peer === undefined) throw new Error('no peer was made');
    return peer;
  }

  addTransceiver() {
    const mid = String(this.#transceivers++);
    return { mid, sender: { replaceTrack: async () => undefined }, receiver: {}, setCodecPreferences: () => undefined };
  }

  async createOffer() {
    return { sdp: `offer ${this.#number}` };
  }

  async setLocalDescription(description: { sdp: string }): Promise<void> {
    this.localDescription = description;
  }

  async setRemoteDescription(): Promise<void> {}

  become(state: string): void {
    this.connectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }

  close(): void {
    this.connectionState = 'closed';
  }
}
