/** What a TLS handshake is answered with: a protocol, and the certificate of the name that is asked for. */
import type { SecureContext, TLSSocket, TlsOptions } from 'node:tls';
import { ACME_PROTOCOL, type ChallengeCertificates } from '../acme/challenge-certificates.ts';
import type { ServerCertificates } from './server-certificates.ts';

/** RFC 7443 section 3 has the last one for TURN; most clients of it ask for none. */
const ALPN_PROTOCOLS = ['h2', 'http/1.1', 'stun.turn'];

/** The options of a TLS server that make it so. Authorities that check `challenges` get a protocol and certificates of their own. */
export function tlsChoices(
  certificates: ServerCertificates,
  challenges: ChallengeCertificates | undefined,
): Pick<TlsOptions, 'ALPNCallback' | 'SNICallback'> {
  // TLS 1.3 chooses the protocol first and TLS 1.2 the certificate: here is what the other one has to know.
  const checked = new WeakMap<TLSSocket, SecureContext>();
  return {
    ALPNCallback(this: TLSSocket, { servername, protocols }) {
      // RFC 8737 section 3: that protocol and no other.
      const isCheck = protocols.length === 1 && protocols[0] === ACME_PROTOCOL;
      const challenge = isCheck ? challenges?.find(servername) : undefined;
      if (challenge === undefined) return ALPN_PROTOCOLS.find((protocol) => protocols.includes(protocol));
      checked.set(this, challenge);
      this.setKeyCert(challenge);
      return ACME_PROTOCOL;
    },
    SNICallback(this: TLSSocket, host, done) {
      // In TLS 1.2 a handshake without any certificate would end before ALPN.
      done(null, checked.get(this) ?? certificates.find(host) ?? challenges?.find(host));
    },
  };
}
