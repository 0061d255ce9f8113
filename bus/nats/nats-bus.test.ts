import { afterAll, beforeAll } from 'vitest';
import { createLogger } from '../../common/log.ts';
import { testBusContract } from '../bus-contract.ts';
import { NatsLab } from '../testing/nats-lab.ts';
import { NatsTransport } from './nats-transport.ts';

const log = createLogger({ name: 'test', level: 'silent' });
let lab: NatsLab;
beforeAll(async () => {
  lab = await NatsLab.start();
});
afterAll(() => lab.stop());

testBusContract('nats', {
  transport: (zone) => new NatsTransport(lab.settings(), zone, log),
  stopServer: async () => {
    for (const server of lab.servers) await server.kill();
  },
  startServer: async () => {
    for (const server of lab.servers) await server.start();
  },
});
