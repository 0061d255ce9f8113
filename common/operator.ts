/** Who may use the daemons' services for operators. */
import type { ServerUnaryCall } from '@grpc/grpc-js';
import { ZonecastError } from './errors.ts';
import { peerIdentity } from './mutual-tls.ts';

/**
 * Name of the operator who calls. TLS has proved that the certificate is of the zone's authority; its role says whether it is
 * an operator's. @throws ZonecastError `unauthorized`
 */
export function operatorOf(call: Pick<ServerUnaryCall<unknown, unknown>, 'getAuthContext'>): string {
  const peer = peerIdentity(call.getAuthContext().sslPeerCertificate);
  if (peer?.role === 'operator') return peer.name;
  const who = peer === undefined ? 'A certificate without a name' : `"${peer.name}", whose role is "${peer.role}",`;
  throw new ZonecastError('unauthorized', `${who} may not do this: it takes a certificate of the role "operator".`);
}
