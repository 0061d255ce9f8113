/** Where routers of other zones call this one: a listener of its own, with nothing on it but the cascade service. */
import { Server } from '@grpc/grpc-js';
import { ZonecastError } from '../../common/errors.ts';
import { toGrpcStatus } from '../../common/grpc-errors.ts';
import { listen, shutDown } from '../../common/grpc-server.ts';
import { CascadeService } from '../../proto/load.ts';
import type { Cascade } from './cascade/cascade.ts';
import { type CallingStream, PEER_KEEPALIVE } from './cascade/peer-links.ts';

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const SHUTDOWN_MS = 500;

export class ZonesServer {
  readonly #cascade: Pick<Cascade, 'accept' | 'trust'>;
  readonly #server = new Server({ ...PEER_KEEPALIVE, 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES });

  constructor(cascade: Pick<Cascade, 'accept' | 'trust'>) {
    this.#cascade = cascade;
    this.#server.addService(CascadeService.service, { Link: (call: CallingStream) => this.#link(call) });
  }

  /** Resolves with the port. Rejects with ZonecastError `portTaken` or `badConfig`. */
  start(address: string): Promise<number> {
    return listen(this.#server, address, this.#cascade.trust.serverTls);
  }

  stop(): Promise<void> {
    return shutDown(this.#server, SHUTDOWN_MS);
  }

  #link(call: CallingStream): void {
    const router = this.#cascade.trust.identify(call.getAuthContext().sslPeerCertificate?.raw);
    if (router !== undefined) this.#cascade.accept(router, call);
    else call.emit('error', toGrpcStatus(new ZonecastError('unauthorized', 'only routers of other zones may do this')));
  }
}
