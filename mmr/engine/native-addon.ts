/**
 * Loads the native addon and says what it exports. Everything else in this folder is its typed facade; nobody
 * outside the folder imports this file.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { DROP_REASON_COUNT, DropReason } from '../media/drop-reason.ts';
import {
  EGRESS_CAPACITY,
  EGRESS_MAY_PAD,
  EGRESS_SIDE_BYTES,
  EGRESS_WORDS,
  EgressKind,
} from '../media/egress/egress-plan.ts';
import { INGRESS_CAPACITY, INGRESS_WORDS, SLOT_BYTES, Unprotect } from '../media/ingress-batch.ts';
import { EngineError } from './engine-error.ts';

declare const nativeKind: unique symbol;
type Native<Kind extends string> = { readonly [nativeKind]: Kind };
export type NativeEngine = Native<'engine'>;
export type NativeDtlsContext = Native<'dtlsContext'>;
export type NativeDtlsEndpoint = Native<'dtlsEndpoint'>;

export interface NativeEngineOptions {
  readonly address: string;
  readonly port: number;
  readonly receiveBufferBytes: number;
  readonly sendBufferBytes: number;
  readonly store: ArrayBuffer;
  readonly generations: ArrayBuffer;
  readonly ingress: ArrayBuffer;
  readonly planWords: ArrayBuffer;
  readonly planSide: ArrayBuffer;
  readonly drops: ArrayBuffer;
  readonly onBatch: (count: number, nowUs: number) => void;
}

export interface NativeAddon {
  readonly layout: Readonly<Record<string, number>>;
  nowUs(): number;
  engineOpen(options: NativeEngineOptions): NativeEngine;
  enginePort(engine: NativeEngine): number;
  engineClose(engine: NativeEngine): void;
  engineUnprotect(engine: NativeEngine, count: number): void;
  engineFlush(engine: NativeEngine, count: number): number;
  engineOpenTransport(engine: NativeEngine): number;
  engineCloseTransport(engine: NativeEngine, handle: number): void;
  engineAddRemote(engine: NativeEngine, handle: number, address: Uint8Array, port: number): void;
  engineRemoveRemote(engine: NativeEngine, address: Uint8Array, port: number): void;
  engineSetDestination(engine: NativeEngine, handle: number, address: Uint8Array, port: number): void;
  engineSetSrtpKeys(
    engine: NativeEngine,
    handle: number,
    profile: number,
    ingressKey: Uint8Array,
    ingressSalt: Uint8Array,
    egressKey: Uint8Array,
    egressSalt: Uint8Array,
    maxStreams: number,
  ): void;
  engineForgetStream(engine: NativeEngine, handle: number, ssrc: number): void;
  /** For the published test vectors: one session key of RFC 3711 section 4.3. */
  srtpDeriveKey(masterKey: Uint8Array, masterSalt: Uint8Array, label: number, sizeBytes: number): Uint8Array;
  /** For the published test vectors: protects one packet with session keys that are given, not derived. */
  srtpProtect(
    profile: number,
    sessionKey: Uint8Array,
    sessionSalt: Uint8Array,
    authenticationKey: Uint8Array,
    rtcp: boolean,
    packet: Uint8Array,
    rolloverCounterOrIndex: number,
  ): Uint8Array;
  /** The reverse of `srtpProtect`; undefined when the tag does not hold. */
  srtpUnprotect(
    profile: number,
    sessionKey: Uint8Array,
    sessionSalt: Uint8Array,
    authenticationKey: Uint8Array,
    rtcp: boolean,
    packet: Uint8Array,
    rolloverCounter: number,
  ): Uint8Array | undefined;
  dtlsContext(certificatePem: string, privateKeyPem: string): NativeDtlsContext;
  dtlsOpen(context: NativeDtlsContext, server: boolean): NativeDtlsEndpoint;
  dtlsHandle(endpoint: NativeDtlsEndpoint, datagram: Uint8Array): void;
  dtlsTakeOutgoing(endpoint: NativeDtlsEndpoint): Uint8Array | undefined;
  dtlsHandleTimeout(endpoint: NativeDtlsEndpoint): void;
  /** Microseconds to the next retransmission, −1 when none is due. */
  dtlsTimeoutUs(endpoint: NativeDtlsEndpoint): number;
  /** 0 handshaking, 1 connected, 2 failed, 3 closed. */
  dtlsState(endpoint: NativeDtlsEndpoint): number;
  dtlsPeerCertificate(endpoint: NativeDtlsEndpoint): Uint8Array | undefined;
  /** Profile number (index in SRTP_PROFILES), −1 when none was agreed on. */
  dtlsSrtpProfile(endpoint: NativeDtlsEndpoint): number;
  /** Client key, server key, client salt, server salt, one after the other (RFC 5764 section 4.2). */
  dtlsSrtpKeyMaterial(endpoint: NativeDtlsEndpoint): Uint8Array | undefined;
  dtlsClose(endpoint: NativeDtlsEndpoint): void;
  /** Whether the kernel has taken it. */
  tcpLimitUnsent(descriptor: number, bytes: number): boolean;
}

/** Path of the built addon; ZONECAST_ENGINE_ADDON names another one (the sanitizer build of `npm run test:asan`). */
function addonPath(): string {
  return (
    process.env.ZONECAST_ENGINE_ADDON ?? fileURLToPath(new URL('../../build/zonecast-engine.node', import.meta.url))
  );
}

function checkLayout(layout: Readonly<Record<string, number>>): void {
  const ours: Readonly<Record<string, number>> = {
    ingressWords: INGRESS_WORDS,
    ingressCapacity: INGRESS_CAPACITY,
    slotBytes: SLOT_BYTES,
    egressWords: EGRESS_WORDS,
    egressCapacity: EGRESS_CAPACITY,
    egressSideBytes: EGRESS_SIDE_BYTES,
    dropReasonCount: DROP_REASON_COUNT,
    mayPad: EGRESS_MAY_PAD,
    kindRtp: EgressKind.rtp,
    kindRtcp: EgressKind.rtcp,
    kindDatagram: EgressKind.datagram,
    kindAddressedDatagram: EgressKind.addressedDatagram,
    unprotectRtp: Unprotect.rtp,
    unprotectRtcp: Unprotect.rtcp,
    dropUnknownProtocol: DropReason.unknownProtocol,
    dropSrtpNoKeys: DropReason.srtpNoKeys,
    dropSrtpAuthentication: DropReason.srtpAuthentication,
    dropSrtpReplay: DropReason.srtpReplay,
    dropSrtpStreamCap: DropReason.srtpStreamCap,
    dropRtpMalformed: DropReason.rtpMalformed,
    dropRtcpMalformed: DropReason.rtcpMalformed,
    dropStoreOverwritten: DropReason.storeOverwritten,
    dropSocketFull: DropReason.socketFull,
    dropSendFailed: DropReason.sendFailed,
    dropTransportNotReady: DropReason.transportNotReady,
  };
  for (const [name, value] of Object.entries(ours)) {
    if (layout[name] !== value) {
      throw new EngineError('ENGINE_LAYOUT', `${name} is ${value} here and ${layout[name]} in the addon: rebuild it`);
    }
  }
}

function load(): NativeAddon {
  const path = addonPath();
  let addon: NativeAddon;
  try {
    // A .node file has no types of its own; NativeAddon above is checked against it by the tests beside this file.
    addon = createRequire(import.meta.url)(path) as NativeAddon;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EngineError('ENGINE_NOT_BUILT', `the packet engine does not load (npm ci builds it): ${reason}`);
  }
  checkLayout(addon.layout);
  return addon;
}

export const native: NativeAddon = load();
