/** Somewhere to send packets; a packet is what happens when it arrives. */
export type Arrival = (sizeBytes: number, queuedUs: number) => void;

export interface Path {
  /** `sizeBytes` with the IP and UDP headers. */
  send(arrival: Arrival, sizeBytes: number): void;
}
