import { FakeSender } from './fake-sender.ts';

/** An RTCPeerConnection without media, as far as `MediaConnection` uses one. */
export class FakePeer extends EventTarget {
  static all: FakePeer[] = [];
  connectionState = 'new';
  iceConnectionState = 'new';
  localDescription: { sdp: string } | undefined;
  readonly #number = FakePeer.all.push(this);
  readonly iceServers: readonly RTCIceServer[];
  /** Of the way that was chosen, what webrtc-stats says of our end (RTCIceCandidateStats). */
  local: object = { candidateType: 'host', protocol: 'udp' };
  /** Slots in which pictures have been decoded. */
  readonly pictured: string[] = [];
  /** Whether anything comes from the other end. */
  isHearing = true;
  #received = 0;
  readonly transceivers: { readonly mid: string; readonly sender: FakeSender }[] = [];

  constructor({ iceServers = [] }: RTCConfiguration = {}) {
    super();
    this.iceServers = iceServers;
  }

  static get last(): FakePeer {
    const peer = FakePeer.all.at(-1);
    if (peer === undefined) throw new Error('no peer was made');
    return peer;
  }

  addTransceiver(trackOrKind: MediaStreamTrack | string, init?: RTCRtpTransceiverInit) {
    const track = typeof trackOrKind === 'string' ? null : trackOrKind;
    const sender = new FakeSender(track, init?.sendEncodings ?? []);
    const transceiver = {
      mid: String(this.transceivers.length),
      sender,
      receiver: { track: {} },
      setCodecPreferences: () => undefined,
    };
    this.transceivers.push(transceiver);
    return transceiver;
  }

  async getStats(): Promise<Map<string, object>> {
    if (this.isHearing) this.#received++;
    const pictures = this.pictured.map((mid): [string, object] => [mid, { mid, framesDecoded: 1 }]);
    const pair = { nominated: true, state: 'succeeded', localCandidateId: 'local', bytesReceived: this.#received };
    return new Map<string, object>([...pictures, ['pair', { type: 'candidate-pair', ...pair }], ['local', this.local]]);
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

  /** A candidate of our own is found; undefined: there are no more. */
  give(candidate: string | undefined): void {
    const found = candidate === undefined ? null : { candidate };
    this.dispatchEvent(Object.assign(new Event('icecandidate'), { candidate: found }));
  }

  close(): void {
    this.connectionState = 'closed';
  }
}
