/** Requests of one session by HTTP (the table at TUNNEL_PATH in proto/tunnel.ts). */
import {
  type HttpCarrier,
  type HttpRefusal,
  type SessionKey,
  TUNNEL_NUMBER,
  TUNNEL_PATH,
} from '../../../proto/tunnel.ts';
import { type CarrierLoss, type Opening, refusalOf } from './session-carrier.ts';

/** The tunnel has refused, for good or for this carrier. */
export class RefusedError extends Error {
  readonly loss: CarrierLoss;

  constructor(loss: CarrierLoss) {
    super(loss.reason);
    this.loss = loss;
  }
}

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: Uint8Array<ArrayBuffer> | string;
  readonly secret?: string;
  readonly number?: number;
  readonly signal?: AbortSignal;
  /** It is to arrive also when the page goes. */
  readonly keepalive?: boolean;
}

/** @throws RefusedError, or what `fetch` throws when the network fails. */
export async function ask(url: string, request: HttpRequest): Promise<Response> {
  const { secret, number, ...init } = request;
  const headers: Record<string, string> = { 'content-type': 'application/octet-stream' };
  if (secret !== undefined) headers.authorization = `Bearer ${secret}`;
  if (number !== undefined) headers[TUNNEL_NUMBER] = String(number);
  const response = await fetch(url, { ...init, headers, cache: 'no-store', credentials: 'omit' });
  if (response.ok) return response;
  throw new RefusedError(await lossOf(response));
}

async function lossOf(response: Response): Promise<CarrierLoss> {
  // A proxy on the way answers with something else than the tunnel.
  const refusal = (await response.json().catch(() => undefined)) as HttpRefusal | undefined;
  const code = refusal?.code ?? '';
  return refusalOf(code) ?? { reason: refusal?.message ?? `HTTP ${response.status}`, isFinal: false };
}

export function sessionUrl(url: string, { session }: Pick<SessionKey, 'session'>): string {
  return new URL(`${TUNNEL_PATH}/sessions/${session}`, url).href;
}

/** Opens the session, or a new carrier of it. @throws as `ask` */
export async function openByHttp(
  { url, ticket, resume }: Opening,
  signal: AbortSignal,
): Promise<{ key: SessionKey; base: string }> {
  const answer =
    resume === undefined
      ? await ask(new URL(`${TUNNEL_PATH}/sessions`, url).href, {
          method: 'POST',
          body: JSON.stringify({ ticket }),
          signal,
        })
      : await ask(`${sessionUrl(url, resume.key)}/carriers`, {
          method: 'POST',
          body: JSON.stringify({ received: resume.received }),
          secret: resume.key.secret,
          signal,
        });
  // The tunnel's answer, typed by contract (proto/tunnel.ts).
  const opened = (await answer.json()) as HttpCarrier & SessionKey;
  const key = resume?.key ?? { session: opened.session, secret: opened.secret };
  return { key, base: `${sessionUrl(url, key)}/carriers/${opened.carrier}` };
}
