/** Keeps what waits in the kernel for a slow reader short, so that it waits where it can still be dropped. */
import type { Socket } from 'node:net';
import { native } from './native-addon.ts';

/**
 * From here on the kernel takes no more of what is written than it can send, and about `bytes` (TCP_NOTSENT_LOWAT): the rest
 * stays in the socket's own buffer, which ends at its high-water mark. Without it the kernel takes megabytes, which are seconds
 * of a slow link. False: this is no open TCP connection of this process.
 */
export function limitUnsent(socket: Socket, bytes: number): boolean {
  // Node names the descriptor of a socket nowhere else.
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: number } | null };
  const descriptor = handle?.fd ?? -1;
  return descriptor >= 0 && native.tcpLimitUnsent(descriptor, bytes);
}
