import { HttpCarrier } from './http-carrier.ts';
import type { CarrierKind, CarrierOwner, Opening, SessionCarrier } from './session-carrier.ts';
import { byPolls, byStream } from './ways-down.ts';
import { WebSocketCarrier } from './web-socket-carrier.ts';

export function openCarrier(kind: CarrierKind, opening: Opening, owner: CarrierOwner): SessionCarrier {
  if (kind === 'webSocket') return new WebSocketCarrier(opening, owner);
  return new HttpCarrier(opening, owner, kind === 'httpStream' ? byStream : byPolls);
}
