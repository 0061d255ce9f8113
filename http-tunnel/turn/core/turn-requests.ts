/** The requests of TURN and Binding (RFC 8656 sections 7 to 12): who asks, may he, and what he is answered. */
import type { RemoteAddress } from '../../../mmr/media/remote-address.ts';
import type { StunMessage } from '../../../mmr/media/stun/stun-message.ts';
import type { StunWriter } from '../../../mmr/media/stun/stun-writer.ts';
import { familyOf, grantedLifetimeMs, readAllocate } from './allocate-wish.ts';
import type { Allocation, Family, FiveTuple } from './allocation.ts';
import type { Allocations } from './allocations.ts';
import type { PeerPolicy } from './allowed-peers.ts';
import { Authentication, type Proof, type Refusal } from './authentication.ts';
import type { Credentials } from './credentials.ts';
import { addressGroup, transportAddress } from './ip-address.ts';
import { Nonces } from './nonces.ts';
import { bindChannel, createPermission } from './peer-requests.ts';
import { RequestLimit } from './request-limit.ts';
import {
  type ErrorDetails,
  errorAnswer,
  type Question,
  questionOf,
  successAnswer,
  writeAddressErrorCode,
  writeLifetime,
} from './turn-answers.ts';
import type { TurnOutcome, TurnRefusal } from './turn-counters.ts';
import type { TurnOut } from './turn-out.ts';
import { byteOf, lifetimeOf, TurnAttribute, TurnMethod, unknownAttributes } from './turn-protocol.ts';

export interface RequestOptions {
  readonly credentials: Credentials;
  readonly peers: PeerPolicy;
  /** Families that relays can have. */
  readonly families: ReadonlySet<Family>;
  /** Requests of an address that has no allocation. */
  readonly requestsPerSecond: number;
  readonly requestBurst: number;
  /** `size` random bytes. */
  readonly random: (size: number) => Uint8Array;
}

/** Whom an answer goes to, and by what it is proved. */
interface Answerable<Client extends FiveTuple> {
  readonly client: Client;
  readonly question: Question;
  readonly proof?: Proof;
}

interface Request<Client extends FiveTuple> extends Answerable<Client> {
  readonly nowMs: number;
  readonly message: StunMessage;
}

interface ProvenRequest<Client extends FiveTuple> extends Request<Client> {
  readonly proof: Proof;
}

const METHODS: ReadonlySet<number> = new Set([
  TurnMethod.allocate,
  TurnMethod.refresh,
  TurnMethod.createPermission,
  TurnMethod.channelBind,
]);

export class TurnRequests<Client extends FiveTuple> {
  /** New allocations are refused (508), what is there goes on. */
  draining = false;
  readonly #options: RequestOptions;
  readonly #allocations: Allocations<Client>;
  readonly #nonces: Nonces;
  readonly #authentication: Authentication;
  readonly #strangers: RequestLimit;
  readonly #out: TurnOut<Client>;

  constructor(options: RequestOptions, allocations: Allocations<Client>, out: TurnOut<Client>) {
    this.#options = options;
    this.#allocations = allocations;
    this.#out = out;
    this.#nonces = new Nonces(options.random(32));
    this.#authentication = new Authentication(options.credentials, this.#nonces);
    this.#strangers = new RequestLimit(options.requestsPerSecond, options.requestBurst);
  }

  /** Addresses without an allocation that are remembered, for what they may ask. */
  get strangers(): number {
    return this.#strangers.size;
  }

  handle(nowMs: number, client: Client, message: StunMessage): TurnOutcome {
    const allocation = this.#allocations.find(nowMs, client.key);
    const isWithinLimit =
      allocation?.requests.take(nowMs * 1000, 1) ?? this.#strangers.take(nowMs, addressGroup(addressOf(client).bytes));
    if (!isWithinLimit) return 'requestFlood';
    const question = questionOf(message);
    if (message.method === TurnMethod.binding) return this.#answerBinding({ nowMs, client, message, question });
    // An unknown method is not answered (RFC 8489 section 6.3).
    if (!METHODS.has(message.method)) return 'unexpected';

    const proof = this.#authentication.authenticate(nowMs, message, client.key, allocation?.user);
    if (typeof proof === 'number') return this.#challenge({ nowMs, client, message, question }, proof);
    const request = { nowMs, client, message, question, proof };
    const unknown = unknownAttributes(message);
    if (unknown.length > 0) return this.#refuse(request, 420, { unknown });
    return message.method === TurnMethod.allocate
      ? this.#allocate(request, allocation)
      : this.#useAllocation(request, allocation);
  }

  /** Answers the Allocate whose relays are all open or have failed by now. */
  settle(nowMs: number, allocation: Allocation<Client>): TurnOutcome {
    const { client, origin, relays } = allocation;
    const isRefused = relays.every(({ state }) => state === 'closed');
    return isRefused ? this.#refuse({ client, ...origin }, 508) : this.#answerAllocate(nowMs, allocation);
  }

  #answerBinding(request: Request<Client>): TurnOutcome {
    const unknown = unknownAttributes(request.message);
    if (unknown.length > 0) return this.#refuse(request, 420, { unknown });
    return this.#succeed(request, (writer) => writer.xorMappedAddress(addressOf(request.client)));
  }

  /**
   * Section 9.2.4 of RFC 8489: 401 and 438 tell what the client needs to prove himself. 400 is of those who tried and
   * left something out: nothing more is said.
   */
  #challenge(request: Request<Client>, refusal: Refusal): TurnOutcome {
    if (refusal === 400) return this.#refuse(request, refusal);
    return this.#refuse(request, refusal, { nonce: this.#nonces.make(request.nowMs, request.client.key) });
  }

  /** Section 7.2. The same request again gets the same answer, and no second allocation. */
  #allocate(request: ProvenRequest<Client>, existing: Allocation<Client> | undefined): TurnOutcome {
    const { nowMs, client, message, question, proof } = request;
    if (existing !== undefined) {
      const { transactionId } = existing.origin.question;
      const isSame = transactionId.every((byte, i) => byte === question.transactionId[i]);
      if (!isSame || !isOwner(existing, proof)) return this.#refuse(request, 437);
      return existing.isOpening ? 'repeated' : this.#answerAllocate(nowMs, existing);
    }
    const wish = readAllocate(message, this.#options.families);
    if (typeof wish === 'number') return this.#refuse(request, wish);
    const group = addressGroup(addressOf(client).bytes);
    const refusal = this.draining ? 508 : this.#allocations.refusal(proof.user, group);
    if (refusal !== undefined) return this.#refuse(request, refusal);
    const allocation = this.#allocations.make(client, { question, proof, wish }, group);
    for (const relay of allocation.relays) this.#out.openRelay(relay, wish.evenPort);
    return 'waiting';
  }

  #answerAllocate(nowMs: number, { client, origin, relays }: Allocation<Client>): TurnOutcome {
    const open = relays.filter(({ state }) => state === 'open');
    return this.#succeed({ client, ...origin }, (writer) => {
      for (const { address, port } of open) {
        writer.xorAddress(TurnAttribute.xorRelayedAddress, knownAddress(address, port));
      }
      writeLifetime(writer, Math.min(...open.map(({ expiresMs }) => expiresMs)) - nowMs);
      writer.xorMappedAddress(addressOf(client));
      const { unservedFamily } = origin.wish;
      if (unservedFamily !== undefined) writeAddressErrorCode(writer, unservedFamily, 440);
      for (const { family, state } of relays) if (state === 'closed') writeAddressErrorCode(writer, family, 508);
    });
  }

  /** All methods but Allocate: for who has an allocation, by the credentials that it was made with (section 5). */
  #useAllocation(request: ProvenRequest<Client>, allocation: Allocation<Client> | undefined): TurnOutcome {
    const { nowMs, message, proof } = request;
    if (allocation === undefined || allocation.isOpening) return this.#refuse(request, 437);
    if (!isOwner(allocation, proof)) return this.#refuse(request, 441);
    if (message.method === TurnMethod.refresh) return this.#refresh(request, allocation);
    const act = message.method === TurnMethod.createPermission ? createPermission : bindChannel;
    const refusal = act(nowMs, allocation, message, this.#options.peers, this.#allocations.limits);
    return refusal === undefined ? this.#succeed(request, () => {}) : this.#refuse(request, refusal);
  }

  /** Section 8.2. */
  #refresh(request: ProvenRequest<Client>, allocation: Allocation<Client>): TurnOutcome {
    const seconds = lifetimeOf(request.message);
    const asked = byteOf(request.message, TurnAttribute.requestedAddressFamily, 4);
    if (seconds === 'malformed' || asked === 'malformed') return this.#refuse(request, 400);
    const family = asked === undefined ? undefined : familyOf(asked);
    const relays = allocation.relays.filter(
      (relay) => relay.state === 'open' && (asked === undefined || relay.family === family),
    );
    if (relays.length === 0) return this.#refuse(request, 443);
    const lifetimeMs = seconds === 0 ? 0 : grantedLifetimeMs(seconds);
    for (const relay of relays) {
      if (lifetimeMs === 0) this.#allocations.close(relay);
      else relay.expiresMs = request.nowMs + lifetimeMs;
    }
    return this.#succeed(request, (writer) => writeLifetime(writer, lifetimeMs));
  }

  #succeed({ client, question, proof }: Answerable<Client>, write: (writer: StunWriter) => void): TurnOutcome {
    this.#out.answer(client, successAnswer(question, proof, write));
    return 'answered';
  }

  #refuse({ client, question, proof }: Answerable<Client>, code: TurnRefusal, details: ErrorDetails = {}): TurnOutcome {
    this.#out.answer(client, errorAnswer(question, proof, code, this.#options.credentials.realm, details));
    return code;
  }
}

function isOwner<Client extends FiveTuple>({ user }: Allocation<Client>, proof: Proof): boolean {
  return user.username === proof.user.username && user.password === proof.user.password;
}

function addressOf(client: FiveTuple): RemoteAddress {
  return knownAddress(client.address, client.port);
}

/** Of an address that a socket has, or that the configuration check let through. */
function knownAddress(address: string, port: number): RemoteAddress {
  const found = transportAddress(address, port);
  if (found === undefined) throw new Error(`not an IP address: ${address}`);
  return found;
}
