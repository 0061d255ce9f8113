/** The requests of carriers by HTTP: the table at TUNNEL_PATH in proto/tunnel.ts. */
import {
  type HttpCarrier as HttpCarrierBody,
  MAX_MESSAGE_BYTES,
  MAX_UPLOADS,
  TUNNEL_PATH,
} from '../../../proto/tunnel.ts';
import { readBody } from '../../proxy/read-body.ts';
import type { MediaCounters, SessionRefusal } from '../media-counters.ts';
import type { TunnelClient } from '../media-options.ts';
import { readOpening, readResumption } from '../session/control-words.ts';
import type { SessionTable } from '../session/session-table.ts';
import type { TunnelSession } from '../session/tunnel-session.ts';
import { HttpCarrier } from './http-carrier.ts';
import {
  answerJson,
  answerNothing,
  answerRefusal,
  numberOf,
  type Request,
  type Response,
  secretOf,
} from './http-exchange.ts';

/** Of JSON with a ticket in it. */
const MAX_JSON_BYTES = 8 * 1024;
const ROUTE = new RegExp(
  `^${TUNNEL_PATH}/sessions(?:/([A-Za-z0-9_-]{1,64})(?:/carriers(?:/(\\d{1,9})/(stream|poll|upload))?)?)?$`,
);

export class HttpRoutes {
  readonly #table: SessionTable;
  readonly #counters: MediaCounters;
  readonly #bodyMs: number;
  readonly #carriers = new WeakMap<TunnelSession, HttpCarrier>();

  /** `bodyMs`: for the body of a request to be there. */
  constructor(table: SessionTable, counters: MediaCounters, bodyMs: number) {
    this.#table = table;
    this.#counters = counters;
    this.#bodyMs = bodyMs;
  }

  async handle(request: Request, response: Response, path: string, client: TunnelClient): Promise<void> {
    const refusal = await this.#route(request, response, path, client);
    if (refusal === undefined || response.headersSent) return;
    this.#counters.refusals[refusal]++;
    answerRefusal(request, response, refusal);
  }

  async #route(
    request: Request,
    response: Response,
    path: string,
    client: TunnelClient,
  ): Promise<SessionRefusal | undefined> {
    const match = ROUTE.exec(path);
    if (match === null) return 'badRequest';
    const [, id, carrierNumber, way] = match;
    const { method } = request;
    if (id === undefined) return method === 'POST' ? this.#open(request, response, client) : 'badRequest';
    const session = this.#table.find({ session: id, secret: secretOf(request) });
    if (session === undefined) return 'unknownSession';
    if (way === undefined) {
      if (method === 'DELETE' && !path.endsWith('/carriers')) return this.#leave(session, response);
      return method === 'POST' && path.endsWith('/carriers') ? this.#resume(request, response, session) : 'badRequest';
    }
    const carrier = this.#carriers.get(session);
    if (carrier === undefined || carrier.isOver || carrier.number !== Number(carrierNumber)) return 'carrierOver';
    if (way === 'upload') return method === 'POST' ? this.#upload(request, response, carrier) : 'badRequest';
    if (method !== 'GET') return 'badRequest';
    return way === 'stream' ? this.#stream(response, carrier) : this.#poll(request, response, carrier);
  }

  #stream(response: Response, carrier: HttpCarrier): SessionRefusal | undefined {
    if (!carrier.openStream(response)) return 'carrierOver';
    this.#counters.carriers.httpStream++;
    return undefined;
  }

  #poll(request: Request, response: Response, carrier: HttpCarrier): SessionRefusal | undefined {
    const number = numberOf(request);
    if (number === undefined) return 'badRequest';
    const asked = carrier.poll(number, response);
    if (asked === 'waits' && number === 1) this.#counters.carriers.longPoll++;
    return asked === 'outOfOrder' ? 'badRequest' : undefined;
  }

  async #open(request: Request, response: Response, client: TunnelClient): Promise<SessionRefusal | undefined> {
    const body = await this.#read(request, MAX_JSON_BYTES);
    if (typeof body === 'string') return body;
    const opening = readOpening(body.toString());
    if (opening === undefined) return 'badRequest';
    const session = await this.#table.open(client, opening.ticket);
    if (typeof session === 'string') return session;
    const carrier = this.#attach(session, 0);
    if (carrier !== undefined) answerJson(response, 201, { ...session.key, ...carrier });
    return carrier === undefined ? 'badRequest' : undefined;
  }

  async #resume(request: Request, response: Response, session: TunnelSession): Promise<SessionRefusal | undefined> {
    const body = await this.#read(request, MAX_JSON_BYTES);
    if (typeof body === 'string') return body;
    const resumption = readResumption(body.toString());
    if (resumption === undefined) return 'badRequest';
    if (session.isEnded) return 'unknownSession';
    const carrier = this.#attach(session, resumption.received);
    if (carrier !== undefined) answerJson(response, 201, carrier);
    return carrier === undefined ? 'badRequest' : undefined;
  }

  #attach(session: TunnelSession, received: number): HttpCarrierBody | undefined {
    const carrier = new HttpCarrier((this.#carriers.get(session)?.number ?? 0) + 1, session);
    this.#carriers.set(session, carrier);
    const body = { carrier: carrier.number, received: session.received };
    return session.attach(carrier, received, { type: 'resumed', received: session.received }) ? body : undefined;
  }

  async #upload(request: Request, response: Response, carrier: HttpCarrier): Promise<SessionRefusal | undefined> {
    const number = numberOf(request);
    if (number === undefined || carrier.reading >= MAX_UPLOADS) return 'badRequest';
    carrier.reading++;
    const body = await this.#read(request, MAX_MESSAGE_BYTES);
    carrier.reading--;
    if (typeof body === 'string') return body;
    if (carrier.isOver) return 'carrierOver';
    if (!carrier.upload(number, body)) return 'carrierOver';
    answerNothing(response);
    return undefined;
  }

  async #read(request: Request, maxBytes: number): Promise<Buffer | SessionRefusal> {
    const body = await readBody(request, maxBytes, this.#bodyMs);
    // Cut off: nobody waits for an answer.
    return body === 'gone' ? 'tooSlow' : body;
  }

  #leave(session: TunnelSession, response: Response): undefined {
    session.end('left');
    answerNothing(response);
  }
}
