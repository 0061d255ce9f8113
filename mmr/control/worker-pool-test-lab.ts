/** What the tests of the worker pool share: a running pool, and real WebRTC clients that join it without signalling. */

import { HeadlessMedia, type HeadlessMediaOptions } from '../../client/headless/headless-media.ts';
import { type DtlsCertificate, mintDtlsCertificate } from '../../common/dtls-certificate.ts';
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { SourceKind } from '../media/negotiated.ts';
import { type Negotiated, negotiate } from '../sdp/negotiate.ts';
import { SdpError } from '../sdp/sdp-error.ts';
import { type WorkerEvent, WorkerPool, type WorkerPoolOptions } from './worker-pool.ts';

export interface LabClient {
  readonly id: ParticipantId;
  readonly media: HeadlessMedia;
}

export class WorkerPoolLab {
  readonly pool: WorkerPool;
  readonly events: WorkerEvent[] = [];
  readonly fingerprint: Uint8Array;
  readonly #clients: HeadlessMedia[] = [];
  #nextSsrc = 1_000;
  #nextUfrag = 1;

  private constructor(pool: WorkerPool, events: WorkerEvent[], fingerprint: Uint8Array) {
    this.pool = pool;
    this.events = events;
    this.fingerprint = fingerprint;
  }

  static async start(options: {
    readonly count: number;
    readonly maxParticipantsPerWorker?: number;
    readonly onTrunk?: WorkerPoolOptions['onTrunk'];
  }): Promise<WorkerPoolLab> {
    const certificate = await mintDtlsCertificate();
    const events: WorkerEvent[] = [];
    const pool = new WorkerPool({
      ...options,
      address: '127.0.0.1',
      basePort: 0,
      certificatePem: certificate.certificatePem,
      privateKeyPem: certificate.privateKeyPem,
      storeSlots: 4096,
      onEvent: (event) => events.push(event),
    });
    await pool.start();
    return new WorkerPoolLab(pool, events, certificate.fingerprintSha256);
  }

  static certificate(): Promise<DtlsCertificate> {
    return mintDtlsCertificate();
  }

  async join(
    meeting: string,
    name: string,
    options: Partial<HeadlessMediaOptions> & { readonly muted?: readonly SourceKind[] } = {},
  ): Promise<LabClient> {
    const id = meeting as MeetingId; // made up here, as a zone-controller would
    const port = this.pool.ports[this.pool.workerFor(id)] ?? 0;
    const { media, negotiated } = this.#negotiate(name, port, options);
    const participant = name as ParticipantId; // as above
    await this.pool.join(id, participant, negotiated.transport, negotiated.media);
    media.acceptAnswer(negotiated.answer);
    return { id: participant, media };
  }

  /** A second connection of somebody who is there. */
  async openConnection({ id }: LabClient, options: Partial<HeadlessMediaOptions> = {}): Promise<HeadlessMedia> {
    const { media, negotiated } = this.#negotiate(id, this.pool.portOf(id), options);
    await this.pool.openConnection(id, negotiated.transport, negotiated.media);
    media.acceptAnswer(negotiated.answer);
    return media;
  }

  #negotiate(
    name: string,
    port: number,
    options: Partial<HeadlessMediaOptions> & { readonly muted?: readonly SourceKind[] },
  ): { media: HeadlessMedia; negotiated: Negotiated } {
    const media = new HeadlessMedia({ name, audioSlots: 2, videoSlots: 2, bindAddress: '127.0.0.1', ...options });
    this.#clients.push(media);
    const { offer, sources } = media.createOffer();
    const ssrcs = new Map<string, number>();
    const negotiated = negotiate(offer, sources, {
      ufrag: `lab${String(this.#nextUfrag++).padStart(5, '0')}`,
      password: 'a-password-of-22-chars-or-more',
      fingerprintSha256: this.fingerprint,
      candidates: [{ address: '127.0.0.1', port }],
      cname: 'lab',
      origin: { sessionId: '1', version: 1 },
      ssrcFor: (mid, stream) => {
        const ssrc = ssrcs.get(`${mid} ${stream}`) ?? this.#nextSsrc++;
        ssrcs.set(`${mid} ${stream}`, ssrc);
        return ssrc;
      },
      muted: options.muted ?? [],
    });
    if (negotiated instanceof SdpError) throw negotiated;
    return { media, negotiated };
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.pool.stop();
  }
}

/** Looks every 20 ms until `condition` holds; fails after `deadlineMs`. */
export async function until(what: string, condition: () => boolean, deadlineMs = 10_000): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
