/** What the UDP sockets of clients and relays have in common. */

import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** Datagrams that the kernel would not take yet; beyond, they are dropped. A tenth of a second at 20 Mb/s. */
const MAX_SEND_QUEUE_BYTES = 256 * 1024;

/** A socket of the family of `address`; errors may come during `bind`. `receiveBufferBytes` undefined: as usual. */
export function udpSocket(address: string, receiveBufferBytes?: number): Socket {
  const buffer = receiveBufferBytes === undefined ? {} : { recvBufferSize: receiveBufferBytes };
  // IPv4 clients of an IPv6 socket would come in another notation.
  if (isIPv6(address)) return createSocket({ type: 'udp6', ipv6Only: true, lookup, ...buffer });
  return createSocket({ type: 'udp4', lookup, ...buffer });
}

/** Everything here is sent to addresses: no resolver is asked, and nothing waits for a turn of the event loop. */
const lookup: NonNullable<SocketOptions['lookup']> = (address, _options, callback) => {
  callback(null, address, isIPv6(address) ? 6 : 4);
};

export function isSendQueueFull(socket: Socket): boolean {
  return socket.getSendQueueSize() > MAX_SEND_QUEUE_BYTES;
}
