/** What general gRPC tools find on a controller's port: health and reflection, of the service for operators, too. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Metadata, makeGenericClientConstructor, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { service as healthService } from 'grpc-health-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientCredentials, type MutualTls } from '../../common/mutual-tls.ts';
import { callUnary } from '../../proto/call-unary.ts';
import { TestZone } from '../testing/test-zone.ts';

let zone: TestZone;
let tls: MutualTls;
beforeAll(async () => {
  zone = await TestZone.start({}, []);
  tls = await zone.certificates.issue('operator', 'alice', []);
});
afterAll(() => zone.stop());

const address = () => `localhost:${zone.controller.grpcPort}`;

test('both services are healthy', async () => {
  const Health = makeGenericClientConstructor(healthService, 'Health');
  const client = new Health(address(), clientCredentials(tls));
  const check = healthService.Check;
  for (const service of ['zonecast.zone.v1.Zone', 'zonecast.admin.v1.Admin']) {
    const reply = callUnary<unknown>(
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
    expect(await reply).toMatchObject({ status: 'SERVING' });
  }
  client.close();
});

test('reflection tells of both', async () => {
  const folder = dirname(createRequire(import.meta.url).resolve('@grpc/reflection/package.json'));
  const file = join(folder, 'build/proto/grpc/reflection/v1/reflection.proto');
  const definition = loadSync(file)['grpc.reflection.v1.ServerReflection'] as ServiceDefinition; // it defines that
  const Reflection = makeGenericClientConstructor(definition, 'ServerReflection');
  const client = new Reflection(address(), clientCredentials(tls));
  const method = definition.ServerReflectionInfo;
  const call = client.makeBidiStreamRequest(
    method?.path ?? '',
    (request: object) => method?.requestSerialize(request) ?? Buffer.alloc(0),
    (bytes: Buffer) => method?.responseDeserialize(bytes) as { listServicesResponse: { service: { name: string }[] } },
  );
  call.write({ listServices: '' });
  const [reply] = (await call.take(1).toArray()) as { listServicesResponse: { service: { name: string }[] } }[];
  expect(reply?.listServicesResponse.service.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['zonecast.zone.v1.Zone', 'zonecast.admin.v1.Admin']),
  );
  client.close();
});
