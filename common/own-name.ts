import { X509Certificate } from 'node:crypto';
import { ZonecastError } from './errors.ts';
import type { MutualTls } from './mutual-tls.ts';

/** The name that a daemon's own certificate gives it (CN). Throws ZonecastError `badConfig` when there is none. */
export function ownName({ certificatePem }: MutualTls): string {
  const [, name] = /^CN=(.+)$/m.exec(subjectOf(certificatePem)) ?? [];
  if (name === undefined) throw new ZonecastError('badConfig', 'The certificate does not name this daemon (CN).');
  return name;
}

function subjectOf(certificatePem: string): string {
  try {
    return new X509Certificate(certificatePem).subject;
  } catch (error) {
    throw new ZonecastError('badConfig', 'The certificate of this daemon is no PEM.', { cause: error });
  }
}
