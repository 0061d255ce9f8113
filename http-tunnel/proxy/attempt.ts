/** One request to one controller, up to the head of its answer. */
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Controller } from './controllers.ts';

export interface Outgoing {
  readonly method: string;
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  /** The whole of it. */
  readonly body: Buffer;
}

/** Milliseconds. */
export interface AttemptTimes {
  readonly connectMs: number;
  /** From the beginning to the head of the answer. */
  readonly answerMs: number;
}

/** No answer came. */
export class AttemptFailed extends Error {
  /** False: the controller has seen nothing of the request. */
  readonly mayHaveArrived: boolean;

  constructor(mayHaveArrived: boolean, cause: Error) {
    super(cause.message, { cause });
    this.mayHaveArrived = mayHaveArrived;
  }
}

/** RFC 9110 section 9.2.2: twice is as once. */
export function isIdempotent(method: string): boolean {
  return method !== 'POST' && method !== 'PATCH';
}

/** Resolves with the answer, whose body is still to come. Rejects with AttemptFailed. `signal` ends it at any time. */
export function attempt(
  controller: Controller,
  { method, path, headers, body }: Outgoing,
  times: AttemptTimes,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const endMs = performance.now() + times.answerMs;
  const send = (isFresh: boolean): void => {
    const request = controller.request({ method, path, headers, signal }, isFresh);
    const connected = watchConnecting(request, times.connectMs, controller.isSecure);
    const late = setTimeout(() => request.destroy(new Error('no answer in time')), endMs - performance.now());
    request.on('response', (response) => {
      clearTimeout(late);
      resolve(response);
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(late);
      // The controller was closing a connection that had been idle.
      if (request.reusedSocket && error.code === 'ECONNRESET' && !signal.aborted) send(true);
      else reject(new AttemptFailed(connected(), error));
    });
    request.end(body);
  };
  // On a connection that has been idle, nobody can tell whether a request that failed had arrived.
  send(!isIdempotent(method));
  return promise;
}

/** Ends the request when there is no connection in time. Returns whether there has been one. */
export function watchConnecting(request: ClientRequest, connectMs: number, isSecure: boolean): () => boolean {
  let isConnected = false;
  const timer = setTimeout(() => request.destroy(new Error('no connection in time')), connectMs);
  const handleConnected = (): void => {
    isConnected = true;
    clearTimeout(timer);
  };
  request.on('socket', (socket: Socket) => {
    if (request.reusedSocket) handleConnected();
    else socket.once(isSecure ? 'secureConnect' : 'connect', handleConnected);
  });
  request.on('close', () => clearTimeout(timer));
  return () => isConnected;
}
