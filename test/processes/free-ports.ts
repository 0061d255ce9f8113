import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range that the kernel takes ports of outgoing connections from, so that they are free after a restart. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (isFree) {
      ports.add(port);
      server.close();
      await once(server, 'close');
    }
  }
  return [...ports];
}
