/** What became of requests and WebSockets that came by the tunnel's port. */
import { HEAD_REFUSALS, type HeadRefusal } from './request-head.ts';

/** Why one went to no controller, or came back from none. The list is closed. */
export const PROXY_REFUSALS = [
  ...HEAD_REFUSALS,
  'bodyTooLarge',
  'bodyTooSlow',
  /** The client went away before its request was whole. */
  'gone',
  /** No controller could be reached. */
  'noController',
  /** A controller has gone silent, or away, that may have done what it was asked for. */
  'noAnswer',
  'draining',
  /** As many requests of its address are under way as there may be. */
  'tooManyOfAddress',
] as const;
export type ProxyRefusal = (typeof PROXY_REFUSALS)[number] | HeadRefusal;

export class ProxyCounters {
  /** Answers of controllers to requests, by the class of their status: `2xx`. */
  readonly answers: Record<string, number> = { '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 };
  // The cast: fromEntries forgets the names.
  readonly refused = Object.fromEntries(PROXY_REFUSALS.map((name) => [name, 0])) as Record<ProxyRefusal, number>;
  /** Times that another controller was tried after one that failed. */
  failovers = 0;
  /** WebSockets to controllers, and of them those that are open. */
  upgrades = 0;
  upgradesOpen = 0;
  /** Upgrades that a controller refused. */
  upgradesRefused = 0;

  countAnswer(status: number): void {
    const name = `${Math.floor(status / 100)}xx`;
    this.answers[name] = (this.answers[name] ?? 0) + 1;
  }
}
