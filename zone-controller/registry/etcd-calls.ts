/**
 * Calls to etcd: on the member in use, failures as ZonecastErrors. One waits at most the time of a request for a member
 * and as long for its answer.
 */
import type { CallOptions } from '@grpc/grpc-js';
import { EtcdLeaseInvalidError, GRPCOutOfRangeError, type IRequestOp } from 'etcd3';
import { ZonecastError } from '../../common/errors.ts';
import { type EtcdConnection, unavailable } from './etcd-connection.ts';
import { toRevision } from './etcd-entry.ts';
import { type EtcdMember, isLoginOver } from './etcd-member.ts';

/** `options` carries the deadline. */
export type Call<Result> = (member: EtcdMember, options: CallOptions) => Promise<Result>;

export class EtcdCalls {
  readonly #connection: EtcdConnection;
  readonly #timeoutMs: number;

  constructor(connection: EtcdConnection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  /** Repeated on other members until one answers. For what may be done twice. */
  repeatable<Result>(call: Call<Result>): Promise<Result> {
    // Out of range: the revision of a list was compacted between two pages. Begin again.
    return this.#make(call, (error, isMembersFault) => isMembersFault || error instanceof GRPCOutOfRangeError);
  }

  /** Made once: when it fails, it is not known whether it was done. */
  once<Result>(call: Call<Result>): Promise<Result> {
    return this.#make(call, isLoginOver);
  }

  /** Writes if `key` is at revision `expected`, or whatever it is at. */
  async writeKey(key: string, expected: number | undefined, operation: IRequestOp) {
    const isExpected = { key: Buffer.from(key), target: 'Mod', result: 'Equal', mod_revision: expected ?? 0 } as const;
    const compare = expected === undefined ? [] : [isExpected];
    const response = await this.once(({ kv }, options) => kv.txn({ compare, success: [operation] }, options));
    if (!response.succeeded) throw new ZonecastError('revisionConflict', `${key} was changed by another.`);
    return response;
  }

  /** As Registry.put, under a lease if there is one. */
  async put(key: string, value: string, expected?: number, lease?: string): Promise<number> {
    const request = { key: Buffer.from(key), value: Buffer.from(value), ...(lease && { lease }) };
    return toRevision((await this.writeKey(key, expected, { request_put: request })).header.revision);
  }

  async #make<Result>(
    call: Call<Result>,
    isWorthAnother: (error: unknown, isMembersFault: boolean) => boolean,
  ): Promise<Result> {
    const giveUpMs = performance.now() + this.#timeoutMs;
    for (;;) {
      const member = await this.#connection.member();
      try {
        return await member.orGone(call(member, { deadline: Date.now() + this.#timeoutMs }));
      } catch (error) {
        const isMembersFault = member.isToBlame(error);
        if (isMembersFault) this.#connection.failed(member, error);
        if (!isWorthAnother(error, isMembersFault) || performance.now() >= giveUpMs) throw typed(error);
      }
    }
  }
}

function typed(error: unknown): ZonecastError {
  if (error instanceof ZonecastError) return error;
  if (error instanceof EtcdLeaseInvalidError) return new ZonecastError('leaseLost', 'The lease is over.');
  return unavailable(error);
}
