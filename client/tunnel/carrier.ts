/** What carries the records of a tunnel (proto/tunnel.ts) between this browser and it: a WebSocket, or requests of HTTP. */

/** `interrupted`: another carrier may go on with the same session. */
export type CarrierState = 'connecting' | 'open' | 'interrupted' | 'closed';

export interface Carrier {
  readonly state: CarrierState;
  /** Given to the carrier that is in use now, and how much of that has arrived at the tunnel. */
  readonly sentBytes: number;
  readonly arrivedBytes: number;
  /** Whether what is given to `send` now would be there soon, as far as is known. */
  takes(kind: 'sound' | 'pictures'): boolean;
  /** Called with each record; texts come whole, put together of their parts. */
  onRecord: ((channel: number, payload: Uint8Array) => void) | undefined;
  /** Called after `state` has changed. */
  onState: (() => void) | undefined;
  /** Records go out in the order in which they were given. Media is dropped while there is no way, the rest waits. */
  send(channel: number, payload: Uint8Array): void;
  close(): void;
}
