/** What is sealed and opened after the handshake with openssl, held against the reference. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OpensslLab, type OpensslRun } from './dtls-openssl-lab.ts';
import { RecordKeys, records } from './dtls-test-reference.ts';

const SRTP = ['-dtls1_2', '-use_srtp', 'SRTP_AEAD_AES_128_GCM'];
const SUITES = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'] as const;
const ALERT = 21;
const HANDSHAKE = 22;
const FINISHED = 20;
const EPOCH_1 = 1n << 48n;

/** The epoch of a `record`; its content may be read in epoch 0 alone. */
const epochOf = (record: Buffer): number => record.readUInt16BE(3);

let lab: OpensslLab;
beforeAll(async () => {
  lab = await OpensslLab.open();
});
afterAll(() => lab.close());

describe('records after the handshake', () => {
  /** The keys of a run with `secretOption`. */
  const keysOf = (run: OpensslRun, suite: string): RecordKeys => {
    const hello = (datagrams: readonly Uint8Array[], type: number): Buffer => {
      const found = datagrams
        .flatMap(records)
        .findLast((record) => record[0] === HANDSHAKE && epochOf(record) === 0 && record[13] === type);
      return (found ?? Buffer.alloc(0)).subarray(27, 59);
    };
    const ours = hello(run.sent, 1).length > 0; // we are the client
    const [client, server] = ours ? [run.sent, run.received] : [run.received, run.sent];
    const cipher = suite.includes('AES128') ? 'aes-128-gcm' : 'aes-256-gcm';
    return new RecordKeys(cipher, lab.secret(), hello(client, 1), hello(server, 2));
  };
  const finished = Uint8Array.of(FINISHED, 0, 0, 12, 0, 5, 0, 0, 0, 0, 0, 12, ...new Uint8Array(12));

  for (const role of ['server', 'client'] as const) {
    const peer = role === 'server' ? 'client' : 'server';
    const open = async (suite: string) => {
      const run = await lab.run(role, ['-cipher', suite, ...SRTP, ...lab.secretOption(), ...lab.identity()]);
      const keys = keysOf(run, suite);
      const hear = (type: number, number: bigint, content: Uint8Array): number => {
        run.endpoint.handle(keys.seal(peer, type, number, content));
        const before = run.sent.length;
        run.send();
        return run.sent.length - before;
      };
      return { ...run, keys, hear };
    };

    test.each(SUITES)(
      `as ${role}, %s: one answer for each Finished, in any jump of numbers, to the last`,
      async (suite) => {
        const { endpoint, hear, end, keys, sent } = await open(suite);
        const one = role === 'server' ? 1 : 0; // a client's flight is not the last
        const flight = sent.at(-1);
        expect(hear(HANDSHAKE, EPOCH_1 + 7n, finished)).toBe(one);
        expect(hear(HANDSHAKE, EPOCH_1 + 7n, finished)).toBe(0);
        expect(hear(HANDSHAKE, EPOCH_1 + 6n, finished)).toBe(0);
        expect(hear(HANDSHAKE, EPOCH_1 + 8n, new Uint8Array(0))).toBe(0);
        expect(hear(HANDSHAKE, EPOCH_1 + 9n, Uint8Array.of(1, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0))).toBe(0); // ClientHello
        expect(hear(HANDSHAKE, EPOCH_1 + 10n, new Uint8Array(65))).toBe(0);
        expect(hear(HANDSHAKE, EPOCH_1 + 10n, finished)).toBe(one);
        expect(hear(HANDSHAKE, 2n * EPOCH_1, finished)).toBe(0); // epoch 2
        expect(hear(HANDSHAKE, 11n, finished)).toBe(0); // epoch 0
        endpoint.handle(keys.seal(role, HANDSHAKE, EPOCH_1 + 11n, finished)); // with our own key
        expect(endpoint.takeOutgoing()).toBeUndefined();
        expect(hear(HANDSHAKE, 2n * EPOCH_1 - 1n, finished)).toBe(one);
        expect(hear(HANDSHAKE, EPOCH_1, finished)).toBe(0); // nothing comes round
        if (one === 1) expect(sent.slice(-3)).toEqual([flight, flight, flight]);
        expect(endpoint.state).toBe('connected');
        await end();
      },
    );

    test.each(SUITES)(`as ${role}, %s: fatal alerts and close_notify end it, others do not`, async (suite) => {
      const first = await open(suite);
      let number = EPOCH_1 + 1n;
      for (const content of [[1, 90], [1, 100], [1], [], [2, 40, 0], [1, 0, 1, 0]]) {
        first.hear(ALERT, number++, Uint8Array.from(content));
        expect(first.endpoint.state).toBe('connected');
      }
      expect(first.hear(ALERT, number, Uint8Array.of(2, 40))).toBe(0);
      expect(first.endpoint.state).toBe('closed');
      await first.end();
      const second = await open(suite);
      second.hear(ALERT, EPOCH_1 + 1n, Uint8Array.of(1, 0));
      expect(second.endpoint.state).toBe('closed');
      await second.end();
    });

    test.each(SUITES)(`as ${role}, %s: what we seal has one number and one nonce each`, async (suite) => {
      const { hear, close, keys, sent } = await open(suite);
      hear(HANDSHAKE, EPOCH_1 + 5n, finished);
      await close();
      const ours = sent.flatMap(records).filter((record) => epochOf(record) === 1);
      const farewell = ours.at(-1) as Buffer;
      expect(keys.open(role, farewell).content).toEqual(Buffer.of(1, 0));
      expect(farewell[0]).toBe(ALERT);
      const different = new Map(ours.map((record) => [record.toString('hex'), keys.open(role, record)]));
      expect(different.size).toBe(2); // Finished, however often, and close_notify
      expect(new Set([...different.values()].map(({ number }) => number)).size).toBe(2);
      expect(new Set([...different.values()].map(({ explicitNonce }) => explicitNonce)).size).toBe(2);
      expect(keys.open(role, farewell).number).toBe(EPOCH_1 + 1n);
    });
  }
});
