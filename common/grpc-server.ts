/** How every daemon's gRPC server begins and ends. */
import type { Server } from '@grpc/grpc-js';
import { ZonecastError } from './errors.ts';
import { type MutualTls, serverCredentials } from './mutual-tls.ts';

/** Listens at host:port (0 = any) and resolves with the port. Rejects with ZonecastError `portTaken` or `badConfig`. */
export function listen(server: Server, address: string, tls: MutualTls): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, serverCredentials(tls), (error, port) => {
      if (!error) return resolve(port);
      const taken = error.message.includes('EADDRINUSE');
      const message = taken ? `TCP port of ${address} is in use` : `cannot listen at ${address}: ${error.message}`;
      reject(new ZonecastError(taken ? 'portTaken' : 'badConfig', message, { cause: error }));
    });
  });
}

/** Lets running calls end for `graceMs`, then cuts them. */
export async function shutDown(server: Server, graceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const drained = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  const overdue = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, graceMs);
  });
  await Promise.race([drained, overdue]);
  clearTimeout(timer);
  server.forceShutdown();
}
