import { credentials, Metadata, makeGenericClientConstructor, type ServiceError, status } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientCredentials, type MutualTls, mintZoneCertificates } from '../../common/mutual-tls.ts';
import { callUnary } from '../../proto/call-unary.ts';
import type { StatisticsReply__Output } from '../../proto/gen/zonecast/router/v1/StatisticsReply.ts';
import { RouterService } from '../../proto/load.ts';
import { RouterLab } from '../router-test-lab.ts';
import { until } from './worker-pool-test-lab.ts';

let lab: RouterLab;
beforeAll(async () => {
  lab = await RouterLab.start();
});
afterAll(() => lab.stop());

/** Status of a Statistics call with the given credentials. */
async function tryCall(channel: ReturnType<typeof clientCredentials>): Promise<status> {
  const client = new RouterService(`localhost:${lab.router.grpcPort}`, channel);
  try {
    await callUnary<StatisticsReply__Output>((options, done) => client.Statistics({}, options, done), 5_000);
    return status.OK;
  } catch (error) {
    return (error as ServiceError).code;
  } finally {
    client.close();
  }
}

describe('mutual TLS', () => {
  test('a controller of the zone is served', async () => {
    expect(await tryCall(clientCredentials(lab.zoneTls))).toBe(status.OK);
  });

  test('refused: no certificate, none at all, another authority, another role', async () => {
    const { caPem } = lab.authority;
    expect(await tryCall(credentials.createSsl(Buffer.from(caPem)))).toBe(status.UNAVAILABLE);
    expect(await tryCall(credentials.createInsecure())).toBe(status.UNAVAILABLE);
    const stranger: MutualTls = await (await mintZoneCertificates()).issue('zone-controller', 'zc-1');
    expect(await tryCall(clientCredentials({ ...stranger, caPem }))).toBe(status.UNAVAILABLE);
    expect(await tryCall(clientCredentials(await lab.authority.issue('router', 'r2')))).toBe(status.PERMISSION_DENIED);
  });
});

describe('health and reflection', () => {
  test('alive at once; ready while registered with a controller', async () => {
    const Health = makeGenericClientConstructor(healthService, 'Health');
    const client = new Health(`localhost:${lab.router.grpcPort}`, clientCredentials(lab.zoneTls));
    const check = healthService.Check;
    const ask = (service: string): Promise<unknown> =>
      callUnary<unknown>(
        (options, done) =>
          client.makeUnaryRequest(
            check?.path ?? '',
            (request: object) => check?.requestSerialize(request) ?? Buffer.alloc(0),
            (bytes: Buffer) => check?.responseDeserialize(bytes),
            { service },
            new Metadata(),
            options,
            done,
          ),
        5_000,
      );
    expect(await ask('')).toMatchObject({ status: 'SERVING' });
    await until('registered', () => lab.router.registered);
    expect(await ask('zonecast.router.v1.Router')).toMatchObject({ status: 'SERVING' });
    client.close();
  });

  test('statistics: one JSON object per worker', async () => {
    const { workers } = await callUnary<StatisticsReply__Output>(
      (options, done) => lab.client.Statistics({}, options, done),
      5_000,
    );
    expect(workers.map((text) => Array.isArray((JSON.parse(text) as { drops: unknown }).drops))).toEqual([true]);
  });
});

test('a controller that subscribes to events again ends its earlier stream; its other processes have their own', async () => {
  const first = await lab.subscribe();
  const other = await lab.subscribe('another');
  const second = await lab.subscribe();
  await expect(first.next(() => false)).rejects.toMatchObject({ code: status.ABORTED });
  expect(other.error).toBeUndefined();
  other.stream.cancel();
  expect(second.error).toBeUndefined();
  second.stream.cancel();
});
