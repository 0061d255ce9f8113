/** The endpoint against another OpenSSL: the command-line client and server of the system. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OpensslLab } from './dtls-openssl-lab.ts';
import { records } from './dtls-test-reference.ts';
import type { SrtpKeys } from './srtp-keys.ts';

const SRTP = ['-dtls1_2', '-use_srtp', 'SRTP_AEAD_AES_128_GCM'];
const SUITES = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'] as const;
const CHANGE_CIPHER_SPEC = 20;
const DATA = 23;

const exporting = (length: number): string[] => [
  ...['-keymatexport', 'EXTRACTOR-dtls_srtp', '-keymatexportlen', String(length)],
];

/** As openssl prints what it exports, of the keys of a server. */
const materialOf = (keys: SrtpKeys | undefined, client: 'ingress' | 'egress'): string => {
  const server = client === 'ingress' ? 'egress' : 'ingress';
  const parts = [keys?.[`${client}Key`], keys?.[`${server}Key`], keys?.[`${client}Salt`], keys?.[`${server}Salt`]];
  const joined = Buffer.concat(parts.map((part) => part ?? new Uint8Array(0)));
  return `Keying material: ${joined.toString('hex').toUpperCase()}`;
};

let lab: OpensslLab;
beforeAll(async () => {
  lab = await OpensslLab.open();
});
afterAll(() => lab.close());

describe('openssl s_client', () => {
  test.each([
    ['SRTP_AES128_CM_SHA1_80', 'AES128_CM_HMAC_SHA1_80', 60],
    ['SRTP_AEAD_AES_128_GCM', 'AEAD_AES_128_GCM', 56],
    ['SRTP_AEAD_AES_256_GCM', 'AEAD_AES_256_GCM', 88],
    ['SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM', 'AEAD_AES_128_GCM', 56],
  ])('%s gives the same keys on both sides', async (offered, profile, length) => {
    const { endpoint, text, end } = await lab.run('server', [
      ...['-dtls1_2', '-use_srtp', offered],
      ...exporting(length),
      ...lab.identity(),
    ]);
    expect(endpoint.state).toBe('connected');
    const keys = endpoint.srtpKeys();
    const fingerprint = endpoint.fingerprint('sha-256');
    await end();
    expect(keys?.profile).toBe(profile);
    expect(text()).toContain(materialOf(keys, 'ingress'));
    expect(fingerprint).toEqual(Buffer.from(lab.fingerprint));
    expect(endpoint.state).toBe('closed'); // its close_notify
  });

  test.each([
    ['no use_srtp', ['-dtls1_2']],
    ['a profile that we do not have', ['-dtls1_2', '-use_srtp', 'SRTP_AES128_CM_SHA1_32']],
    ['DTLS 1.0', ['-dtls1', '-cipher', 'ALL:@SECLEVEL=0', '-use_srtp', 'SRTP_AES128_CM_SHA1_80']],
    ['NULL cipher', ['-cipher', 'eNULL:@SECLEVEL=0', ...SRTP]],
    ['no forward secrecy', ['-cipher', 'AES128-GCM-SHA256', ...SRTP]],
    ['AES-CBC', ['-cipher', 'ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384', ...SRTP]],
    ['AES-CCM', ['-cipher', 'ECDHE-ECDSA-AES128-CCM:ECDHE-ECDSA-AES128-CCM8', ...SRTP]],
    ['ChaCha20', ['-cipher', 'ECDHE-ECDSA-CHACHA20-POLY1305', ...SRTP]],
  ])('%s is refused', async (_name, clientArguments) => {
    const { endpoint, end } = await lab.run('server', [...clientArguments, ...lab.identity()]);
    expect(endpoint.state).toBe('failed');
    expect(endpoint.srtpKeys()).toBeUndefined();
    await end();
  });

  test('a client that likes other suites better gets AES-GCM', async () => {
    const offer = `ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-SHA:${SUITES[1]}`;
    const { endpoint, text, end } = await lab.run('server', ['-cipher', offer, ...SRTP, ...lab.identity()]);
    expect(endpoint.state).toBe('connected');
    await end();
    expect(text()).toContain(`Cipher is ${SUITES[1]}`);
  });

  test.each(SUITES)('%s: its data is ignored, its close_notify is heard, ours is understood', async (suite) => {
    const offer = ['-cipher', suite, ...SRTP, ...lab.identity()];
    const theirs = await lab.run('server', offer);
    await theirs.type('data');
    expect(theirs.endpoint.state).toBe('connected');
    await theirs.end();
    expect(theirs.endpoint.state).toBe('closed');
    const ours = await lab.run('server', offer);
    await ours.close();
    expect(ours.text()).toContain(`Cipher is ${suite}`);
  });

  test('an older client, without extended master secret', async () => {
    const settings = 'Options = -ExtendedMasterSecret';
    const { endpoint, text, end } = await lab.run('server', [...SRTP, ...exporting(56), ...lab.identity()], {
      settings,
    });
    const keys = endpoint.srtpKeys();
    await end();
    expect(text()).toContain('Extended master secret: no');
    expect(text()).toContain(materialOf(keys, 'ingress'));
    expect(endpoint.state).toBe('closed');
  });

  test('our last flight, lost and repeated, completes its handshake', async () => {
    const lost: Uint8Array[] = [];
    const lose = (datagram: Uint8Array, from: string): boolean =>
      from === 'us' && datagram[0] === CHANGE_CIPHER_SPEC && lost.length < 1 && lost.push(datagram) === 1;
    const run = await lab.run('server', [...SRTP, ...exporting(56), ...lab.identity()], { lose });
    const keys = run.endpoint.srtpKeys();
    await run.type('data'); // it says that when its handshake is over; before, it repeats its flight
    while (!run.received.some(([type]) => type === DATA)) await run.next();
    const flights = run.sent.filter(([type]) => type === CHANGE_CIPHER_SPEC);
    expect(flights.length).toBeGreaterThan(1);
    for (const flight of flights) expect(flight).toEqual(lost[0]);
    await run.end();
    expect(run.text()).toContain(materialOf(keys, 'ingress'));
    expect(run.endpoint.state).toBe('closed');
  });

  test('renegotiation is ignored: the keys stay', async () => {
    const { endpoint, type, end } = await lab.run('server', [...SRTP, ...lab.identity()]);
    const keys = endpoint.srtpKeys();
    expect(keys).toBeDefined();
    await type('R'); // s_client's word for it: a ClientHello under the present keys
    expect(endpoint.state).toBe('connected');
    expect(endpoint.srtpKeys()).toEqual(keys);
    await end();
  });

  test('a client without certificate is refused', async () => {
    const { endpoint, end } = await lab.run('server', ['-dtls1_2', '-use_srtp', 'SRTP_AES128_CM_SHA1_80']);
    expect(endpoint.state).toBe('failed');
    await end();
  });
});

describe('openssl s_server', () => {
  test.each(SUITES)('%s: same keys, its data is ignored, our close_notify is understood', async (suite) => {
    const offer = ['-cipher', suite, ...SRTP, ...exporting(56), ...lab.identity()];
    const theirs = await lab.run('client', offer);
    expect(theirs.endpoint.state).toBe('connected');
    expect(theirs.endpoint.fingerprint('sha-256')).toEqual(Buffer.from(lab.fingerprint));
    const keys = theirs.endpoint.srtpKeys();
    await theirs.end();
    expect(theirs.endpoint.state).toBe('connected');
    expect(theirs.text()).toContain(`CIPHER is ${suite}`);
    expect(theirs.text()).toContain(materialOf(keys, 'egress'));
    const ours = await lab.run('client', offer);
    await ours.close();
    expect(ours.text()).toContain(`CIPHER is ${suite}`);
  });

  test.each([
    ['that asks for a cookie', ['-listen'], {}],
    ['without extended master secret', [], { settings: 'Options = -ExtendedMasterSecret' }],
  ])('a server %s', async (_name, serverArguments, options) => {
    const offer = [...serverArguments, ...SRTP, ...exporting(56), ...lab.identity()];
    const { endpoint, text, end } = await lab.run('client', offer, options);
    const keys = endpoint.srtpKeys();
    await end();
    expect(text()).toContain(materialOf(keys, 'egress'));
  });

  test.each([
    ['no use_srtp', ['-dtls1_2']],
    ['AES-CBC only', ['-cipher', 'ECDHE-ECDSA-AES128-SHA', ...SRTP]],
  ])('a server with %s is refused', async (_name, serverArguments) => {
    const { endpoint, end } = await lab.run('client', [...serverArguments, ...lab.identity()]);
    expect(endpoint.state).toBe('failed');
    await end();
  });

  test.each(['us', 'openssl'])('the last flight of %s is lost', async (loser) => {
    // Ours is the one before the last: a datagram that ends with ChangeCipherSpec and Finished.
    let lost = 0;
    const lose = (datagram: Uint8Array, from: string): boolean =>
      from === loser && lost === 0 && records(datagram).some(([type]) => type === CHANGE_CIPHER_SPEC) && ++lost === 1;
    const run = await lab.run('client', [...SRTP, ...exporting(56), ...lab.identity()], { lose });
    expect(lost).toBe(1);
    expect(run.endpoint.state).toBe('connected');
    const keys = run.endpoint.srtpKeys();
    const sent = run.sent.length;
    for (const datagram of run.received) run.endpoint.handle(datagram); // all of it again: no answer to any
    run.send();
    expect(run.sent.length).toBe(sent);
    await run.end();
    expect(run.text()).toContain(materialOf(keys, 'egress'));
    expect(run.endpoint.state).toBe('connected');
  });

  test('a HelloRequest is ignored', async () => {
    const { endpoint, type, end } = await lab.run('client', [...SRTP, ...lab.identity()]);
    const keys = endpoint.srtpKeys();
    await type('r');
    expect(endpoint.state).toBe('connected');
    expect(endpoint.srtpKeys()).toEqual(keys);
    await end();
  });
});
