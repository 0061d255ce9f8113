/** Streams between routers over real gRPC on loopback. */
import { Server } from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import { listen, shutDown } from '../../../common/grpc-server.ts';
import type { RouterId } from '../../../common/ids.ts';
import { createLogger } from '../../../common/log.ts';
import { mintZoneCertificates } from '../../../common/mutual-tls.ts';
import { CascadeService } from '../../../proto/load.ts';
import { type CallingStream, PeerLinks, type PeerLinksListener } from './peer-links.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const [ONE, OTHER] = ['r1', 'r2'] as RouterId[] as [RouterId, RouterId];
const deaf: PeerLinksListener = { reachable: () => undefined, unreachable: () => undefined, frame: () => undefined };
/** gRPC's own pauses between attempts would be 1, 1.6, 2.6, 4.1 s. */
const DOWN_MS = 5_700;

test('a router that was down for a while is called within a second or two of its start', {
  timeout: 30_000,
}, async () => {
  const certificates = await mintZoneCertificates();
  const serve = async (address: string): Promise<{ port: number; stop: () => Promise<void> }> => {
    const links = new PeerLinks({ router: OTHER, log, listener: deaf });
    const server = new Server();
    server.addService(CascadeService.service, { Link: (call: CallingStream) => links.accept(ONE, call) });
    const port = await listen(server, address, await certificates.issue('router', OTHER));
    const stop = async (): Promise<void> => {
      links.stop();
      await shutDown(server, 100);
    };
    return { port, stop };
  };
  const first = await serve('localhost:0');
  const address = `localhost:${first.port}`;

  const heard: string[] = [];
  const links = new PeerLinks({
    router: ONE,
    log,
    listener: {
      reachable: (_, isNew) => heard.push(isNew ? 'another process' : 'again'),
      unreachable: () => heard.push('gone'),
      frame: () => undefined,
    },
  });
  onTestFinished(() => links.stop());
  const tls = await certificates.issue('router', ONE);
  links.setWanted(new Map([[OTHER, { address, calls: true, tls }]]));
  await expect.poll(() => heard, { timeout: 5_000 }).toEqual(['another process']);
  await first.stop();
  await expect.poll(() => heard.at(-1), { timeout: 5_000 }).toBe('gone');
  await new Promise((resolve) => setTimeout(resolve, DOWN_MS));
  const second = await serve(address);
  onTestFinished(second.stop);
  await expect.poll(() => heard, { timeout: 2_000 }).toEqual(['another process', 'gone', 'another process']);
});
