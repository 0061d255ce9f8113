/** A self-signed certificate for HTTPS where an operator brings none; browsers warn about it once. */
import { mintCertificate } from './certificate.ts';

/** `hosts`: DNS names and IP addresses that the server is reached by. */
export async function mintServerCertificate(
  hosts: readonly string[],
): Promise<{ readonly certificatePem: string; readonly privateKeyPem: string }> {
  const { certificatePem, privateKeyPem } = await mintCertificate({ subject: 'CN=Zonecast', hosts, days: 397 });
  return { certificatePem, privateKeyPem };
}
