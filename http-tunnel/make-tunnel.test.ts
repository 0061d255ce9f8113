/** A tunnel as its configuration describes it, in a real zone that tells it what it has to know. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../common/config.ts';
import type { Daemon } from '../common/daemon.ts';
import type { ZoneId } from '../common/ids.ts';
import { createLogger } from '../common/log.ts';
import { mintZoneCertificates, type ZoneCertificates } from '../common/mutual-tls.ts';
import { mintServerCertificate } from '../common/server-certificate.ts';
import { until } from '../mmr/control/worker-pool-test-lab.ts';
import { freePorts } from '../test/processes/free-ports.ts';
import { ZoneController } from '../zone-controller/zone-controller.ts';
import { tunnelConfigSchema } from './config.ts';
import { makeTunnel } from './make-tunnel.ts';
import { LOOPBACK } from './testing/tunnel-lab.ts';

const log = createLogger({ name: 'test', level: 'silent' });
let directory: string;
let certificates: ZoneCertificates;
let controller: ZoneController;
let webPem: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'zonecast-tunnel-'));
  certificates = await mintZoneCertificates();
  const tls = await certificates.issue('http-tunnel', 't1');
  const web = await mintServerCertificate(['localhost']);
  webPem = web.certificatePem;
  const files = {
    'ca.pem': tls.caPem,
    't1.pem': tls.certificatePem,
    't1.key': tls.privateKeyPem,
    'web.pem': web.certificatePem,
    'web.key': web.privateKeyPem,
  };
  for (const [name, pem] of Object.entries(files)) writeFileSync(join(directory, name), pem);
  controller = new ZoneController({
    zone: 'z1' as ZoneId,
    http: { host: LOOPBACK, port: 0 },
    trustedProxies: [LOOPBACK],
    grpcAddress: 'localhost:0',
    tls: await certificates.issue('zone-controller', 'zc-1'),
    log,
  });
  await controller.start();
});
afterAll(async () => {
  await controller.stop();
  rmSync(directory, { recursive: true });
});

const file = (name: string): string => join(directory, name);

/** `shown`: where it has the certificate from that clients see. */
function make(port: number, tunnel = 't1', shown?: string): Daemon {
  const text = `
tunnel: ${tunnel}
zone: z1
publicUrl: https://localhost:${port}
zoneControllers: ['localhost:${controller.grpcPort}']
tls: { ca: ${file('ca.pem')}, certificate: ${file('t1.pem')}, privateKey: ${file('t1.key')} }
listen: [{ address: '${LOOPBACK}:${port}' }]
${shown ?? `certificates: [{ certificate: ${file('web.pem')}, privateKey: ${file('web.key')} }]`}
`;
  return makeTunnel(parseConfig(text, tunnelConfigSchema, 'test'), log);
}

/** Resolves when the zone knows of a tunnel that takes people, or of one that takes none. */
async function registered(state: 'open' | 'draining'): Promise<void> {
  const row = `zonecast_controller_tunnels{state="${state}"} 1`;
  while (!(await controller.metrics()).includes(row)) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('the zone tells it where controllers are, and it lets people in', async () => {
  const [port = 0] = await freePorts(1);
  const tunnel = make(port);
  expect(tunnel.readinessProblems()).toEqual([
    'the port is not open',
    'no zone-controller is well',
    'no zone-controller has said where routers are',
  ]);
  await tunnel.start();
  // Without a router the controller itself is not ready; it is asked all the same, and has the page.
  await until('it knows of the zone', () => tunnel.readinessProblems().length < 2);
  const [page] = (await once(get(`https://localhost:${port}/`, { ca: webPem, agent: false }), 'response')) as [
    IncomingMessage,
  ];
  page.resume();
  expect(page.statusCode).toBe(200);
  const [refused] = (await once(
    get(`https://localhost:${port}/v1/tunnel/sessions`, { ca: webPem, agent: false }),
    'response',
  )) as [IncomingMessage];
  refused.resume();
  // Of tunnelled media; the controller knows no such path.
  expect(refused.statusCode).toBe(400);
  await registered('open');
  await tunnel.stop();
});

test('as long as it has no certificate, the zone sends nobody there', async () => {
  const [port = 0] = await freePorts(1);
  // Nobody is there.
  const acme = `directory: https://${LOOPBACK}:1/, agreeToTerms: true, domains: [localhost]`;
  const tunnel = make(port, 't1', `acme: { ${acme}, stateDirectory: ${file('acme')} }`);
  await tunnel.start();
  await registered('draining');
  expect(tunnel.readinessProblems()).toContain('no certificate has been issued yet');
  await tunnel.stop();
});

test('it is none that its certificate does not name', () => {
  expect(() => make(0, 't2')).toThrow('tls.certificate is of "t1", and tunnel is "t2"');
});
