/** The sending side of a transceiver: remembers its track and parameters, and refuses what a browser refuses. */
export class FakeSender {
  track: MediaStreamTrack | null;
  parameters: { transactionId: string; encodings: RTCRtpEncodingParameters[] };
  /** How often parameters were set. */
  changes = 0;
  #transaction = 0;

  constructor(track: MediaStreamTrack | null, encodings: readonly RTCRtpEncodingParameters[]) {
    this.track = track;
    this.parameters = { transactionId: '0', encodings: encodings.map((encoding) => ({ ...encoding })) };
  }

  async replaceTrack(track: MediaStreamTrack | null): Promise<void> {
    this.track = track;
  }

  getParameters(): { transactionId: string; encodings: RTCRtpEncodingParameters[] } {
    this.parameters.transactionId = String(++this.#transaction);
    return structuredClone(this.parameters);
  }

  /** W3C webrtc-pc section 5.2: only what the latest `getParameters` gave can be set, with the same encodings. */
  async setParameters(parameters: { transactionId: string; encodings: RTCRtpEncodingParameters[] }): Promise<void> {
    if (parameters.transactionId !== this.parameters.transactionId) throw new Error('InvalidModificationError');
    if (parameters.encodings.length !== this.parameters.encodings.length) throw new Error('InvalidModificationError');
    await new Promise((resolve) => setImmediate(resolve));
    this.parameters = structuredClone(parameters);
    this.changes++;
  }
}
