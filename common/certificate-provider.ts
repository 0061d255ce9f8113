/** Certificates that may change while gRPC uses them: new connections get the new ones, open connections stay. */
import type { experimental } from '@grpc/grpc-js';
import type { MutualTls } from './mutual-tls.ts';

type CertificateProvider = experimental.CertificateProvider;
type CaListener = experimental.CaCertificateUpdateListener;
type IdentityListener = experimental.IdentityCertificateUpdateListener;

/** `onChange` is that of `tls`. */
export function certificateProvider(tls: MutualTls, onChange: NonNullable<MutualTls['onChange']>): CertificateProvider {
  const authorities = new Map<CaListener, () => void>();
  const identities = new Map<IdentityListener, () => void>();

  function add<Listener>(of: Map<Listener, () => void>, listener: Listener, tell: () => void): void {
    of.set(listener, onChange(tell));
    // Not at once: credentials take notice only of what comes after the call that adds their listener.
    process.nextTick(() => of.has(listener) && tell());
  }
  function remove<Listener>(of: Map<Listener, () => void>, listener: Listener): void {
    of.get(listener)?.();
    of.delete(listener);
  }

  return {
    addCaCertificateListener: (listener) =>
      add(authorities, listener, () => listener({ caCertificate: Buffer.from(tls.caPem) })),
    removeCaCertificateListener: (listener) => remove(authorities, listener),
    addIdentityCertificateListener: (listener) =>
      add(identities, listener, () =>
        listener({ certificate: Buffer.from(tls.certificatePem), privateKey: Buffer.from(tls.privateKeyPem) }),
      ),
    removeIdentityCertificateListener: (listener) => remove(identities, listener),
  };
}
