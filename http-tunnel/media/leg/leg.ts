/**
 * A leg: the tunnel's association with a router for one media connection of a participant. To the router it is an ordinary WebRTC client:
 * it sends the checks (RFC 8445, controlling), opens DTLS-SRTP, and speaks SRTP; to the participant's side it gives and takes plain RTP and RTCP.
 */
import { type DtlsContext, DtlsEndpoint } from '../../../mmr/engine/dtls-endpoint.ts';
import type { CheckPace } from '../../../mmr/media/negotiated.ts';
import type { RemoteAddress } from '../../../mmr/media/remote-address.ts';
import { AddressTable } from '../../../mmr/media/transport/address-table.ts';
import { classify, Protocol } from '../../../mmr/media/transport/demux.ts';
import { DtlsAssociation } from '../../../mmr/media/transport/dtls-association.ts';
import type { SrtpKeys } from '../../../mmr/media/transport/dtls-session.ts';
import { IceInitiator } from '../../../mmr/media/transport/ice-initiator.ts';
import { sameAddress } from '../../../mmr/media/transport/remote-addresses.ts';
import type { TransportShell } from '../../../mmr/media/transport/transport-shell.ts';
import type { LegCredentials, LegNumber, LegState } from '../../../proto/tunnel.ts';
import { drawCredentials, type RouterEnd } from './leg-credentials.ts';
import { LegPath } from './leg-path.ts';
import type { LegWire } from './leg-wire.ts';
import { rtpHeaderBytes, SrtpReceiver, type SrtpRefusal } from './srtp-receiver.ts';
import { SrtpSender } from './srtp-sender.ts';

/** Addresses of one router that are tried: two families on two networks. */
export const MAX_CANDIDATES = 4;
/** Time in which the handshake must be over, from the first answer to a check on. As the router has it. */
const DTLS_DEADLINE_US = 10_000_000;
/**
 * Many legs end at few routers: a check each 2.5 s is what browsers do, half of what RFC 7675 section 5.1 allows. That a router is gone the
 * client sees by itself.
 */
const LEG_PACE: CheckPace = { checkIntervalUs: 2_500_000, searchAfterUs: 6_000_000 };
const HANDLE = 1;

export type LegRefusal = SrtpRefusal | 'notConnected' | 'unsealed';

/** What all legs of a tunnel share. */
export interface LegEnvironment {
  readonly dtls: DtlsContext;
  readonly certificateSha256: Uint8Array;
  readonly wire: LegWire;
  /** Monotonic. */
  nowUs(): number;
}

/** What a session sees of a leg. */
export interface MediaLeg {
  readonly number: LegNumber;
  readonly credentials: LegCredentials;
  /** Undefined before `connect`. */
  readonly state: LegState | undefined;
  /** For people: why it is `failed` or `closed`. */
  readonly reason: string | undefined;
  /** `addresses`: of registered routers, 1 at least. Only the first call counts. */
  connect(addresses: readonly RemoteAddress[], router: RouterEnd): void;
  /** One plain RTP or RTCP packet to the router. */
  send(packet: Buffer, isRtcp: boolean): void;
  close(): void;
}

export interface LegOwner {
  handlePacket(leg: MediaLeg, packet: Buffer, isRtcp: boolean): void;
  handleState(leg: MediaLeg): void;
  /** A packet, of either direction, that goes no further. */
  handleRefused(why: LegRefusal): void;
}

export class RouterLeg implements MediaLeg {
  readonly number: LegNumber;
  readonly credentials: LegCredentials;
  state: LegState | undefined;
  reason: string | undefined;
  readonly #environment: LegEnvironment;
  readonly #owner: LegOwner;
  #paths: readonly LegPath[] = [];
  #selected: LegPath | undefined;
  #ice: IceInitiator | undefined;
  #dtls: DtlsAssociation | undefined;
  #dtlsDeadlineUs = Number.POSITIVE_INFINITY;
  #sender: SrtpSender | undefined;
  #receiver: SrtpReceiver | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(number: LegNumber, environment: LegEnvironment, owner: LegOwner) {
    this.number = number;
    this.#environment = environment;
    this.#owner = owner;
    this.credentials = drawCredentials(environment.certificateSha256);
  }

  connect(addresses: readonly RemoteAddress[], { ufrag, pwd, fingerprint }: RouterEnd): void {
    if (this.state !== undefined) return;
    this.#become('connecting');
    const { dtls, nowUs } = this.#environment;
    const negotiated = {
      localUfrag: this.credentials.ufrag,
      localPassword: this.credentials.pwd,
      remoteUfrag: ufrag,
      remoteFingerprints: [fingerprint],
    };
    const tried = addresses.slice(0, MAX_CANDIDATES);
    const initiation = { remotePassword: pwd, addresses: tried, pace: LEG_PACE };
    this.#ice = new IceInitiator(HANDLE, negotiated, initiation, this.#shell(), nowUs());
    this.#dtls = new DtlsAssociation(HANDLE, [fingerprint], () => new DtlsEndpoint(dtls, 'client'));
    this.#paths = tried.map((address) => {
      return new LegPath(
        address,
        () => this.#handleTimeout(),
        (path, datagram) => this.#handleDatagram(path, datagram),
      );
    });
    // The deadline counts as well where no socket can be opened.
    this.#schedule();
  }

  send(packet: Buffer, isRtcp: boolean): void {
    if (this.#sender === undefined) {
      this.#owner.handleRefused('notConnected');
      return;
    }
    const headerSize = isRtcp ? 0 : rtpHeaderBytes(packet);
    if (headerSize === undefined || packet.length < 8) {
      this.#owner.handleRefused('malformed');
      return;
    }
    const sealed = isRtcp ? this.#sender.protectRtcp(packet) : this.#sender.protectRtp(packet, headerSize);
    if (sealed === undefined) this.#owner.handleRefused('unsealed');
    else this.#selected?.send(sealed);
  }

  close(): void {
    this.#end('closed', 'the client has closed it');
  }

  #handleDatagram(path: LegPath, datagram: Buffer): void {
    if (datagram.length < 2) return;
    switch (classify(datagram[0] as number, datagram[1] as number)) {
      case Protocol.rtp:
        this.#handleMedia(datagram, false);
        break;
      case Protocol.rtcp:
        this.#handleMedia(datagram, true);
        break;
      case Protocol.stun:
        this.#handleStun(path, datagram);
        break;
      case Protocol.dtls:
        this.#handleDtls(path, datagram);
        break;
    }
  }

  #handleMedia(datagram: Buffer, isRtcp: boolean): void {
    const receiver = this.#receiver;
    if (receiver === undefined) {
      this.#owner.handleRefused('notConnected');
      return;
    }
    const plain = isRtcp ? receiver.unprotectRtcp(datagram) : receiver.unprotectRtp(datagram);
    if (typeof plain === 'string') this.#owner.handleRefused(plain);
    else this.#owner.handlePacket(this, plain, isRtcp);
  }

  #handleStun(path: LegPath, datagram: Buffer): void {
    const { nowUs, wire } = this.#environment;
    const now = nowUs();
    // No Buffer: what `slice` gives of one is no copy, and the length is changed in it when the integrity is looked at.
    const bytes = new Uint8Array(datagram.buffer, datagram.byteOffset, datagram.length);
    if (this.#ice?.handle(now, bytes, 0, bytes.length, path.address) !== true) return;
    const isBegun = this.#sender !== undefined || this.#dtlsDeadlineUs !== Number.POSITIVE_INFINITY;
    if (this.#ice.selected !== undefined && !isBegun) {
      this.#dtlsDeadlineUs = now + DTLS_DEADLINE_US;
      this.#dtls?.start(now, wire.plan);
    }
    this.#flush();
  }

  #handleDtls(path: LegPath, datagram: Buffer): void {
    const { nowUs, wire } = this.#environment;
    if (this.#ice?.isValidated(path.address) !== true) return;
    const keys = this.#dtls?.handle(nowUs(), datagram, wire.plan);
    this.#flush();
    if (keys !== undefined) this.#connected(keys);
    else this.#lookAtDtls();
  }

  #connected(keys: SrtpKeys): void {
    const { profile } = keys;
    if (profile === 'AES128_CM_HMAC_SHA1_80') {
      // Only GCM is spoken here; the router prefers it as well.
      this.#end('failed', 'the router has chosen an SRTP profile that the tunnel does not speak');
      return;
    }
    this.#dtlsDeadlineUs = Number.POSITIVE_INFINITY;
    this.#sender = new SrtpSender(profile, keys);
    this.#receiver = new SrtpReceiver(profile, keys);
    this.#become('connected');
  }

  #lookAtDtls(): void {
    if (this.#dtls?.state === 'closed') this.#end('closed', 'the router has ended it');
    else if (this.#dtls?.state !== 'failed') return;
    else if (this.#dtls.refusedCertificates > 0) {
      this.#end('failed', 'the router has another certificate than its answer says');
    } else this.#end('failed', 'the DTLS handshake failed');
  }

  #handleTimeout(): void {
    const [ice, dtls] = [this.#ice, this.#dtls];
    if (ice === undefined || dtls === undefined) return;
    const { nowUs, wire } = this.#environment;
    const now = nowUs();
    if (now >= ice.deadlineUs) {
      this.#end('failed', 'the router does not answer');
      return;
    }
    if (now >= this.#dtlsDeadlineUs) {
      this.#end('failed', 'the DTLS handshake took too long');
      return;
    }
    if (this.#hasPath) ice.handleTimeout(now, wire.plan);
    dtls.handleTimeout(now, wire.plan);
    this.#flush();
    this.#lookAtDtls();
  }

  #flush(): void {
    this.#environment.wire.flush({
      send: (datagram) => this.#selected?.send(datagram),
      sendTo: (address, datagram) => this.#path(address)?.send(datagram),
    });
    this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const [ice, dtls] = [this.#ice, this.#dtls];
    if (ice === undefined || dtls === undefined) return;
    const checkUs = this.#hasPath ? ice.dueUs : Number.POSITIVE_INFINITY;
    const atUs = Math.min(ice.deadlineUs, checkUs, dtls.dueUs, this.#dtlsDeadlineUs);
    const delayMs = Math.max(1, Math.ceil((atUs - this.#environment.nowUs()) / 1000));
    this.#timer = setTimeout(() => this.#handleTimeout(), delayMs);
  }

  #end(state: 'failed' | 'closed', reason: string): void {
    if (this.state === 'failed' || this.state === 'closed') return;
    this.#dtls?.close(this.#environment.wire.plan);
    this.#flush();
    clearTimeout(this.#timer);
    this.#ice = undefined;
    this.#dtls = undefined;
    this.#sender = undefined;
    this.#receiver = undefined;
    this.#selected = undefined;
    for (const path of this.#paths) path.close();
    this.#paths = [];
    this.reason = reason;
    this.#become(state);
  }

  #become(state: LegState): void {
    this.state = state;
    this.#owner.handleState(this);
  }

  /** Before, a check would be lost and the next one come 200 ms later. */
  get #hasPath(): boolean {
    return this.#paths.some(({ isOpen }) => isOpen);
  }

  #path(address: RemoteAddress): LegPath | undefined {
    return this.#paths.find((path) => sameAddress(path.address, address));
  }

  /** Of what a worker's shell does for its many transports, the part that concerns addresses: here it is one transport's. */
  #shell(): TransportShell {
    const unused = (): never => {
      throw new Error('only the transport asks for this');
    };
    return {
      addresses: new AddressTable(),
      addRemote: () => {},
      removeRemote: () => {},
      setDestination: (_handle, address) => {
        this.#selected = this.#path(address);
      },
      setSrtpKeys: unused,
      openDtls: unused,
      wake: unused,
      connected: unused,
      closed: unused,
    };
  }
}
