/** Test support: pairs of DTLS endpoints of two identities, and the wire between them. */
import { mintDtlsCertificate } from '../../common/dtls-certificate.ts';
import { DtlsContext, DtlsEndpoint } from './dtls-endpoint.ts';

export const certificate = await mintDtlsCertificate();
export const otherCertificate = await mintDtlsCertificate();
export const context = new DtlsContext(certificate.certificatePem, certificate.privateKeyPem);
export const otherContext = new DtlsContext(otherCertificate.certificatePem, otherCertificate.privateKeyPem);

export const pair = () => ({
  server: new DtlsEndpoint(context, 'server'),
  client: new DtlsEndpoint(otherContext, 'client'),
});

/** All that waits to be sent. */
export function flight(from: DtlsEndpoint): Uint8Array[] {
  const datagrams: Uint8Array[] = [];
  for (let next = from.takeOutgoing(); next !== undefined; next = from.takeOutgoing()) datagrams.push(next);
  return datagrams;
}

/** Carries flights to and fro until nobody has more to say; `wire` may change what arrives. */
export function exchange(client: DtlsEndpoint, server: DtlsEndpoint, wire = (flown: Uint8Array[]) => flown): void {
  for (let turn = 0; turn < 20; turn++) {
    const up = wire(flight(client));
    for (const datagram of up) server.handle(datagram);
    const down = wire(flight(server));
    for (const datagram of down) client.handle(datagram);
    if (up.length + down.length === 0) return;
  }
}

export function connected(): { server: DtlsEndpoint; client: DtlsEndpoint } {
  const both = pair();
  exchange(both.client, both.server);
  return both;
}

/** A handshake record's first message as records of `sizeBytes` of it each (RFC 6347 section 4.2.3). */
export function fragments(record: Uint8Array, sizeBytes: number): Buffer[] {
  const message = Buffer.from(record).subarray(13);
  const body = message.subarray(12);
  const made: Buffer[] = [];
  for (let at = 0; at < body.length; at += sizeBytes) {
    const part = body.subarray(at, at + sizeBytes);
    const header = Buffer.from(message.subarray(0, 12));
    header.writeUIntBE(at, 6, 3);
    header.writeUIntBE(part.length, 9, 3);
    const recordHeader = Buffer.from(record.subarray(0, 13));
    recordHeader.writeUIntBE(20 + made.length, 5, 6); // leaves the sender's next numbers free
    recordHeader.writeUInt16BE(12 + part.length, 11);
    made.push(Buffer.concat([recordHeader, header, part]));
  }
  return made;
}
