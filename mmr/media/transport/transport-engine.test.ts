/** The transport with the engine's real DTLS endpoint, against another one in the browser's place; all in memory. */
import { createHash, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { mintDtlsCertificate } from '../../../common/dtls-certificate.ts';
import { DtlsContext, DtlsEndpoint } from '../../engine/dtls-endpoint.ts';
import type { Fingerprint } from '../negotiated.ts';
import type { DtlsSession } from './dtls-session.ts';
import { HOME, Lab, NEGOTIATED } from './transport-test-lab.ts';

const router = await mintDtlsCertificate();
const browser = await mintDtlsCertificate();
const routerContext = new DtlsContext(router.certificatePem, router.privateKeyPem);
const browserContext = new DtlsContext(browser.certificatePem, browser.privateKeyPem);

/** Hash of the browser's certificate as an offer would have it. */
function fingerprintOf(algorithm: Fingerprint['algorithm']): Fingerprint {
  const { raw } = new X509Certificate(browser.certificatePem);
  return { algorithm, value: createHash(algorithm.replace('-', '')).update(raw).digest() };
}

/** A transport and a browser's endpoint, and the datagrams between them. */
class Call {
  readonly lab: Lab;
  readonly endpoints: DtlsEndpoint[] = [];
  readonly browser = new DtlsEndpoint(browserContext, 'client');
  /** What happens to the nth datagram from the browser: how often, and whether it is overtaken by the next. */
  fate: (n: number) => { copies: number; late: boolean } = () => ({ copies: 1, late: false });
  #count = 0;

  constructor(remoteFingerprints: readonly Fingerprint[]) {
    const { endpoints } = this;
    this.lab = new (class extends Lab {
      override openDtls(): DtlsSession {
        const endpoint = new DtlsEndpoint(routerContext, 'server');
        endpoints.push(endpoint);
        return endpoint;
      }
    })({ ...NEGOTIATED, remoteFingerprints });
    this.lab.check(HOME, { useCandidate: true });
    this.lab.out.clear();
  }

  /** Hands over all that waits on both sides, until nothing does. */
  run(): void {
    for (let round = 0; round < 20; round++) {
      const toRouter: Uint8Array[] = [];
      for (let flight = this.browser.takeOutgoing(); flight !== undefined; flight = this.browser.takeOutgoing()) {
        const { copies, late } = this.fate(this.#count++);
        for (let i = 0; i < copies; i++) toRouter.splice(late ? 0 : toRouter.length, 0, flight.slice());
      }
      for (const datagram of toRouter) this.give(datagram);
      const toBrowser = this.lab.sent();
      for (const { bytes } of toBrowser) this.browser.handle(bytes);
      if (toRouter.length + toBrowser.length === 0) return;
    }
  }

  give(datagram: Uint8Array): boolean {
    const { lab } = this;
    return lab.transport.handleDtls(lab.nowUs, datagram, 0, datagram.length, HOME, lab.out);
  }
}

const SHA256 = { algorithm: 'sha-256', value: browser.fingerprintSha256 } as const;

test('handshake: both ends come to the same keys, the right way round', () => {
  const call = new Call([SHA256]);
  call.run();
  expect(call.lab.log.slice(-2)).toEqual(['keys', 'connected']);
  const theirs = call.browser.srtpKeys();
  const ours = call.lab.keys;
  expect(call.browser.state).toBe('connected');
  expect(ours?.profile).toBe('AEAD_AES_128_GCM');
  expect(theirs?.profile).toBe(ours?.profile);
  expect(theirs?.egressKey).toEqual(ours?.ingressKey);
  expect(theirs?.egressSalt).toEqual(ours?.ingressSalt);
  expect(theirs?.ingressKey).toEqual(ours?.egressKey);
  expect(theirs?.ingressSalt).toEqual(ours?.egressSalt);
  expect(ours?.ingressKey).not.toEqual(ours?.egressKey);
  call.lab.transport.close(undefined);
});

test.each(['sha-256', 'sha-384', 'sha-512'] as const)('%s of the certificate is accepted', (algorithm) => {
  const call = new Call([fingerprintOf(algorithm)]);
  call.run();
  expect(call.lab.transport.state).toBe('connected');
});

test('another certificate than the one offered: refused, no keys, and the browser does not take itself for connected', () => {
  const call = new Call([{ algorithm: 'sha-256', value: router.fingerprintSha256 }]);
  call.run();
  expect(call.lab.log.at(-1)).toBe('closed dtlsFailed');
  expect(call.lab.keys).toBeUndefined();
  expect(call.browser.state).not.toBe('connected');
});

describe('on a bad network', () => {
  test.each([
    ['every datagram twice', () => ({ copies: 2, late: false })],
    ['every datagram three times, in reverse', () => ({ copies: 3, late: true })],
    ['every flight in reverse', () => ({ copies: 1, late: true })],
  ])('%s', (_, fate) => {
    const call = new Call([SHA256]);
    call.fate = fate;
    call.run();
    expect(call.lab.transport.state).toBe('connected');
    expect(call.browser.state).toBe('connected');
  });

  test('garbage between the datagrams changes nothing', () => {
    const call = new Call([SHA256]);
    const garbage = [
      Uint8Array.of(22),
      new Uint8Array(1400).fill(22),
      Uint8Array.of(22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff),
      Uint8Array.of(63, 1, 2, 3),
    ];
    call.fate = () => {
      for (const datagram of garbage) call.give(datagram);
      return { copies: 1, late: false };
    };
    call.run();
    expect(call.lab.transport.state).toBe('connected');
  });
});

describe('after the handshake', () => {
  test('a plaintext alert is ignored', () => {
    const call = new Call([SHA256]);
    call.run();
    // Fatal handshake_failure, then close_notify, in epoch 0 (RFC 6347 section 4.1).
    for (const alert of [
      [2, 40],
      [1, 0],
    ]) {
      call.give(Uint8Array.of(21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, ...alert));
    }
    expect(call.lab.transport.state).toBe('connected');
  });

  test("the browser's close_notify ends the transport", () => {
    const call = new Call([SHA256]);
    call.run();
    call.browser.close();
    call.run();
    expect(call.lab.log.at(-1)).toBe('closed dtlsClosed');
  });

  test('our close is heard by the browser', () => {
    const call = new Call([SHA256]);
    call.run();
    call.lab.transport.close(call.lab.out);
    call.run();
    expect(call.browser.state).toBe('closed');
  });

  test('a new ClientHello gives no new keys and does not end the call', () => {
    const call = new Call([SHA256]);
    call.run();
    const other = new DtlsEndpoint(browserContext, 'client');
    const hello = other.takeOutgoing();
    expect(hello).toBeDefined();
    if (hello !== undefined) call.give(hello);
    expect(call.lab.transport.state).toBe('connected');
    expect(call.lab.log.filter((entry) => entry === 'keys')).toHaveLength(1);
  });
});

test('a ClientHello with a post-quantum key share, in two datagrams: its first part waits for the second', () => {
  const call = new Call([SHA256]);
  const [first, second] = inTwoDatagrams(withKeyShare(call.browser.takeOutgoing() ?? new Uint8Array(0)));
  expect(call.give(first)).toBe(true);
  expect(call.lab.sent()).toEqual([]);
  call.give(second);
  const [flight] = call.lab.sent();
  // Content type handshake, message type ServerHello: there is no HelloVerifyRequest (RFC 6347 section 4.3.2).
  expect([flight?.bytes[0], flight?.bytes[13]]).toEqual([22, 2]);
  expect(call.lab.transport.state).toBe('connecting');
});

test('a hundred handshakes that stop after the ClientHello are gone after 10 s', () => {
  const calls = Array.from({ length: 100 }, () => new Call([SHA256]));
  for (const call of calls) {
    const hello = call.browser.takeOutgoing();
    if (hello !== undefined) call.give(hello);
    call.lab.out.clear();
    call.lab.advance(10_000);
  }
  for (const call of calls) {
    expect(call.lab.log.at(-1)).toBe('closed dtlsFailed');
    expect(call.endpoints[0]?.state).toBe('closed');
  }
});

/** Bytes of record header and handshake header (RFC 6347 section 4.3). */
const RECORD_HEADER = 13;
const MESSAGE_HEADER = 12;

/** The body of the ClientHello in `record`, with a key share of the size of X25519MLKEM768 at its end. */
function withKeyShare(record: Uint8Array): Uint8Array {
  const body = record.slice(RECORD_HEADER + MESSAGE_HEADER);
  const share = new Uint8Array(4 + 2 + 4 + 1216);
  const view = new DataView(share.buffer);
  view.setUint16(0, 51); // key_share (RFC 8446 section 4.2)
  view.setUint16(2, share.length - 4);
  view.setUint16(4, share.length - 6);
  view.setUint16(6, 0x11ec);
  view.setUint16(8, share.length - 10);
  const hello = new Uint8Array([...body, ...share]);
  const bodyView = new DataView(hello.buffer);
  // Version and random, session id, cookie, cipher suites, compression methods; then the size of the extensions.
  let at = 34;
  at += 1 + bodyView.getUint8(at);
  at += 1 + bodyView.getUint8(at);
  at += 2 + bodyView.getUint16(at);
  at += 1 + bodyView.getUint8(at);
  bodyView.setUint16(at, bodyView.getUint16(at) + share.length);
  return hello;
}

/** A ClientHello in two fragments, each a record and a datagram of its own (RFC 6347 section 4.2.3). */
function inTwoDatagrams(hello: Uint8Array): [Uint8Array, Uint8Array] {
  const datagram = (number: number, from: number, to: number): Uint8Array => {
    const bytes = new Uint8Array(RECORD_HEADER + MESSAGE_HEADER + to - from);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 0x16fe_ff00); // handshake, DTLS 1.0 as every first record
    view.setUint8(10, number);
    view.setUint16(11, bytes.length - RECORD_HEADER);
    view.setUint32(RECORD_HEADER, hello.length | (1 << 24));
    view.setUint16(RECORD_HEADER + 7, from);
    view.setUint16(RECORD_HEADER + 10, to - from);
    bytes.set(hello.subarray(from, to), RECORD_HEADER + MESSAGE_HEADER);
    return bytes;
  };
  return [datagram(0, 0, 1000), datagram(1, 1000, hello.length)];
}
