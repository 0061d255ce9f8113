/** The certificate of a tunnel that has it from an ACME directory (RFC 8555), as its configuration says. */
import { X509Certificate } from 'node:crypto';
import { ZonecastError } from '../../common/errors.ts';
import type { Logger } from '../../common/log.ts';
import { readPem } from '../../common/pem-files.ts';
import type { AcmeConfig } from '../config.ts';
import { CertificateKeeper } from './certificate-keeper.ts';
import { CertificateStore } from './certificate-store.ts';
import { ChallengeCertificates } from './challenge-certificates.ts';
import { orderCertificate } from './order-certificate.ts';

export interface AcmeCertificate {
  /** What clients are shown. */
  readonly keeper: CertificateKeeper;
  /** What the authority is shown. */
  readonly challenges: ChallengeCertificates;
}

/** Reads what there is and orders nothing yet. @throws ZonecastError `badConfig` */
export function makeAcmeCertificate(config: AcmeConfig, log: Logger): AcmeCertificate {
  const { directory, contacts, domains, stateDirectory } = config;
  const caPem = config.ca === undefined ? undefined : readAuthority(config.ca);
  const challenges = new ChallengeCertificates();
  const keeper = new CertificateKeeper({
    store: new CertificateStore(stateDirectory, directory),
    domains,
    order: (accountKeyPem) => orderCertificate({ directory, caPem, accountKeyPem, contacts, domains, challenges }),
    log,
  });
  return { keeper, challenges };
}

function readAuthority(path: string): string {
  const pem = readPem(path);
  try {
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    throw new ZonecastError('badConfig', `acme.ca: the file ${path} holds no certificate (PEM).`, { cause: error });
  }
}
