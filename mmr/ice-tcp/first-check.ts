/** Whom a connection is for: its first packet has to be a connectivity check (RFC 8445 section 7.2), and says it. Pure. */
import { BINDING_METHOD, parseStun } from '../media/stun/stun-message.ts';

/** The ufrag of the one who is to answer; undefined when the packet is no connectivity check. Whether it is authentic, the transport sees. */
export function checkedUfrag(bytes: Uint8Array, offset: number, size: number): string | undefined {
  const message = parseStun(bytes, offset, size);
  if (message?.class !== 'request' || message.method !== BINDING_METHOD) return undefined;
  // RFC 8445 section 7.2.2: the receiver's, a colon, the sender's.
  const [ufrag, own] = message.username?.split(':', 2) ?? [];
  return own === undefined ? undefined : ufrag;
}
