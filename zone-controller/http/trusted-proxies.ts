/**
 * HTTP tunnels and other proxies that an operator trusts: a request through one of them is its client's. What a request says of
 * whom it came from is believed as far back as those who have said it are trusted.
 */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { AddressList } from '../../common/address-list.ts';

export class TrustedProxies {
  readonly #list: AddressList;

  /** `networks`: addresses of proxies, in CIDR notation. */
  constructor(networks: readonly string[]) {
    this.#list = new AddressList(networks);
  }

  has(address: string | undefined): boolean {
    return this.#list.has(address);
  }

  /** Where the request came from. Each proxy has added to X-Forwarded-For whom it got it from, so it is read from the end. */
  clientAddress({ socket, headers }: IncomingMessage): string | undefined {
    let address = socket.remoteAddress;
    const said = String(headers['x-forwarded-for'] ?? '').split(',');
    while (this.has(address)) {
      const before = said.pop()?.trim() ?? '';
      if (isIP(before) === 0) break;
      address = before;
    }
    return address;
  }

  /** Whether the client spoke TLS. */
  isSecure({ socket, headers }: IncomingMessage): boolean {
    return 'encrypted' in socket || (this.has(socket.remoteAddress) && headers['x-forwarded-proto'] === 'https');
  }
}

/** Everybody speaks for himself. */
export const NO_PROXIES = new TrustedProxies([]);
