/**
 * Orders a certificate of an ACME directory (RFC 8555) and proves that its names are ours by what the port shows (RFC 8737). All that is
 * known of the library is here; it is loaded when it is needed first.
 */
import { Agent } from 'node:https';
import { ZonecastError } from '../../common/errors.ts';
import type { CertificatePair } from '../../common/mutual-tls.ts';
import type { ChallengeCertificates } from './challenge-certificates.ts';
import { makePrivateKey } from './private-key.ts';

export interface CertificateOrder {
  /** URL. */
  readonly directory: string;
  /** Authority of the directory's own certificate (PEM); undefined: those that Node knows. */
  readonly caPem?: string | undefined;
  /** Whoever has it is this account at the directory (PEM, PKCS #8). */
  readonly accountKeyPem: string;
  /** E-mail addresses. */
  readonly contacts: readonly string[];
  /** DNS names, one at least, for one certificate. */
  readonly domains: readonly string[];
  readonly challenges: ChallengeCertificates;
  /** Between the first and the second look at what the directory works at, milliseconds; it doubles each time. */
  readonly pollMs?: number;
}

const CHALLENGE = 'tls-alpn-01';
/** For each request. */
const REQUEST_MS = 30_000;
const MAX_ANSWER_BYTES = 1024 * 1024;
const FIRST_POLL_MS = 1_000;
const LONGEST_POLL_MS = 30_000;
/** Two and a half minutes for each challenge, and as many for the certificate. */
const POLLS = 10;

let library: ReturnType<typeof loadLibrary> | undefined;

/**
 * Takes up to some minutes. Rejects with what the directory says, or why it cannot be reached; `retryAfterMs` of the ZonecastError is
 * there when it says when to come back.
 */
export async function orderCertificate(order: CertificateOrder): Promise<CertificatePair> {
  library ??= loadLibrary();
  const acme = await library;
  // Of the process, as all of the library's settings: its daemon has one directory.
  acme.axios.defaults.httpsAgent = new Agent(order.caPem === undefined ? {} : { ca: order.caPem });
  const client = new acme.Client({
    directoryUrl: order.directory,
    accountKey: order.accountKeyPem,
    backoffAttempts: POLLS,
    backoffMin: order.pollMs ?? FIRST_POLL_MS,
    backoffMax: LONGEST_POLL_MS,
  });
  // Known by its key; made when there is none.
  await client.createAccount({
    termsOfServiceAgreed: true,
    contact: order.contacts.map((address) => `mailto:${address}`),
  });
  const privateKeyPem = makePrivateKey();
  const [, csr] = await acme.crypto.createCsr({ altNames: [...order.domains] }, privateKeyPem);
  const certificatePem = await client.auto({
    csr,
    challengePriority: [CHALLENGE],
    // From here the way in may be another than the authority's.
    skipChallengeVerification: true,
    challengeCreateFn: async (authorization, challenge, keyAuthorization) => {
      const { value } = authorization.identifier;
      // Without one of the kind that has priority, the library takes another; its types know two kinds of three.
      const type: string = challenge.type;
      if (type !== CHALLENGE) throw new Error(`the directory has no ${CHALLENGE} challenge for ${value}`);
      const key = makePrivateKey();
      const [, certificate] = await acme.crypto.createAlpnCertificate(authorization, keyAuthorization, key);
      order.challenges.show(value, { certificatePem: certificate.toString(), privateKeyPem: key });
    },
    challengeRemoveFn: async ({ identifier }) => order.challenges.hide(identifier.value),
  });
  return { certificatePem, privateKeyPem };
}

/** What axios has of an answer, as far as it is read here. */
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** For `application/problem+json`, an object (RFC 7807). */
  readonly data: unknown;
}

/** Settings are of the library as a whole. */
async function loadLibrary(): Promise<typeof import('acme-client')> {
  const acme = await import('acme-client');
  const { defaults, interceptors } = acme.axios;
  defaults.timeout = REQUEST_MS;
  defaults.maxContentLength = MAX_ANSWER_BYTES;
  // Its own repeats a request that the directory is too busy for, with a nonce that has been used; we come back later with a whole order.
  interceptors.response.clear();
  interceptors.response.use(undefined, (error: { response?: Answer }) => {
    const { response } = error;
    if (response === undefined) throw error;
    if (response.status !== 429 && response.status < 500) return response;
    const retryAfterMs = msOf(response.headers['retry-after']);
    const { detail } = Object(response.data);
    const message = `the directory answers ${response.status}${typeof detail === 'string' ? `: ${detail}` : ''}`;
    throw new ZonecastError('tryAgain', message, retryAfterMs === undefined ? {} : { retryAfterMs });
  });
  return acme;
}

/** Of a Retry-After header (RFC 9110 section 10.2.3): seconds or a date. */
function msOf(header: unknown): number | undefined {
  if (typeof header !== 'string') return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return ms > 0 ? ms : undefined;
}
