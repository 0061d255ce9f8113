/** What a zone offers to operators, as plain calls: the first controller that answers is asked, the others if it is away. */
import type { CallOptions, ClientReadableStream, ClientUnaryCall, requestCallback } from '@grpc/grpc-js';
import { clientCredentials, type MutualTls } from '../../common/mutual-tls.ts';
import type { AdminClient } from '../../proto/gen/zonecast/admin/v1/Admin.ts';
import type { DrainProgress__Output } from '../../proto/gen/zonecast/admin/v1/DrainProgress.ts';
import type { DrainTunnelReply__Output } from '../../proto/gen/zonecast/admin/v1/DrainTunnelReply.ts';
import type { ExplainRequest } from '../../proto/gen/zonecast/admin/v1/ExplainRequest.ts';
import type { Explanation__Output } from '../../proto/gen/zonecast/admin/v1/Explanation.ts';
import type { KickReply__Output } from '../../proto/gen/zonecast/admin/v1/KickReply.ts';
import type { KickRequest } from '../../proto/gen/zonecast/admin/v1/KickRequest.ts';
import type { ListMeetingsReply__Output } from '../../proto/gen/zonecast/admin/v1/ListMeetingsReply.ts';
import type { ListMeetingsRequest } from '../../proto/gen/zonecast/admin/v1/ListMeetingsRequest.ts';
import type { ListParticipantsReply__Output } from '../../proto/gen/zonecast/admin/v1/ListParticipantsReply.ts';
import type { ListParticipantsRequest } from '../../proto/gen/zonecast/admin/v1/ListParticipantsRequest.ts';
import type { ListRoutersReply__Output } from '../../proto/gen/zonecast/admin/v1/ListRoutersReply.ts';
import type { ListRoutersRequest } from '../../proto/gen/zonecast/admin/v1/ListRoutersRequest.ts';
import type { ListTunnelsReply__Output } from '../../proto/gen/zonecast/admin/v1/ListTunnelsReply.ts';
import type { ListTunnelsRequest } from '../../proto/gen/zonecast/admin/v1/ListTunnelsRequest.ts';
import type { MoveReply__Output } from '../../proto/gen/zonecast/admin/v1/MoveReply.ts';
import type { MoveRequest } from '../../proto/gen/zonecast/admin/v1/MoveRequest.ts';
import type { StatusReply__Output } from '../../proto/gen/zonecast/admin/v1/StatusReply.ts';
import type { UndrainReply__Output } from '../../proto/gen/zonecast/admin/v1/UndrainReply.ts';
import type { UndrainTunnelReply__Output } from '../../proto/gen/zonecast/admin/v1/UndrainTunnelReply.ts';
import type { CreateReply__Output } from '../../proto/gen/zonecast/meetings/v1/CreateReply.ts';
import type { CreateRequest } from '../../proto/gen/zonecast/meetings/v1/CreateRequest.ts';
import type { Meeting__Output } from '../../proto/gen/zonecast/meetings/v1/Meeting.ts';
import type { MeetingsClient } from '../../proto/gen/zonecast/meetings/v1/Meetings.ts';
import type { OccurrencesReply__Output } from '../../proto/gen/zonecast/meetings/v1/OccurrencesReply.ts';
import type { UpdateRequest } from '../../proto/gen/zonecast/meetings/v1/UpdateRequest.ts';
import { AdminService, MeetingsService } from '../../proto/load.ts';
import { askFirst } from './ask-first.ts';
import { isAway, toZonectlError, unreachable } from './call-errors.ts';

type Start<Reply> = (client: AdminClient, options: CallOptions, done: requestCallback<Reply>) => ClientUnaryCall;

export class ZoneClient {
  readonly #clients: readonly { readonly address: string; readonly client: AdminClient }[];
  readonly #meetings: readonly { readonly address: string; readonly client: MeetingsClient }[];

  /** `controllers`: host:port of the gRPC service of each, at least one. Connects when it is asked something. */
  constructor(controllers: readonly string[], tls: MutualTls) {
    const credentials = clientCredentials(tls);
    this.#clients = controllers.map((address) => ({ address, client: new AdminService(address, credentials) }));
    this.#meetings = controllers.map((address) => ({ address, client: new MeetingsService(address, credentials) }));
  }

  status(): Promise<StatusReply__Output> {
    return this.#ask<StatusReply__Output>((client, options, done) => client.Status({}, options, done));
  }

  routers(request: ListRoutersRequest): Promise<ListRoutersReply__Output> {
    return this.#ask<ListRoutersReply__Output>((client, options, done) => client.ListRouters(request, options, done));
  }

  meetings(request: ListMeetingsRequest): Promise<ListMeetingsReply__Output> {
    return this.#ask<ListMeetingsReply__Output>((client, options, done) => client.ListMeetings(request, options, done));
  }

  participants(request: ListParticipantsRequest): Promise<ListParticipantsReply__Output> {
    return this.#ask<ListParticipantsReply__Output>((client, options, done) =>
      client.ListParticipants(request, options, done),
    );
  }

  explain(request: ExplainRequest): Promise<Explanation__Output> {
    return this.#ask<Explanation__Output>((client, options, done) => client.Explain(request, options, done));
  }

  undrain(router: string): Promise<UndrainReply__Output> {
    return this.#ask<UndrainReply__Output>((client, options, done) => client.Undrain({ router }, options, done));
  }

  tunnels(request: ListTunnelsRequest): Promise<ListTunnelsReply__Output> {
    return this.#ask<ListTunnelsReply__Output>((client, options, done) => client.ListTunnels(request, options, done));
  }

  drainTunnel(tunnel: string): Promise<DrainTunnelReply__Output> {
    return this.#ask<DrainTunnelReply__Output>((client, options, done) =>
      client.DrainTunnel({ tunnel }, options, done),
    );
  }

  undrainTunnel(tunnel: string): Promise<UndrainTunnelReply__Output> {
    return this.#ask<UndrainTunnelReply__Output>((client, options, done) =>
      client.UndrainTunnel({ tunnel }, options, done),
    );
  }

  move(request: MoveRequest): Promise<MoveReply__Output> {
    return this.#ask<MoveReply__Output>((client, options, done) => client.Move(request, options, done));
  }

  kick(request: KickRequest): Promise<KickReply__Output> {
    return this.#ask<KickReply__Output>((client, options, done) => client.Kick(request, options, done));
  }

  createMeeting(request: CreateRequest): Promise<CreateReply__Output> {
    return askFirst<MeetingsClient, CreateReply__Output>(this.#meetings, (client, options, done) =>
      client.Create(request, options, done),
    );
  }

  meeting(meeting: string): Promise<Meeting__Output> {
    return askFirst<MeetingsClient, Meeting__Output>(this.#meetings, (client, options, done) =>
      client.Get({ meeting }, options, done),
    );
  }

  updateMeeting(request: UpdateRequest): Promise<Meeting__Output> {
    return askFirst<MeetingsClient, Meeting__Output>(this.#meetings, (client, options, done) =>
      client.Update(request, options, done),
    );
  }

  /** The next ones. */
  occurrences(meeting: string): Promise<OccurrencesReply__Output> {
    return askFirst<MeetingsClient, OccurrencesReply__Output>(this.#meetings, (client, options, done) =>
      client.Occurrences({ meeting }, options, done),
    );
  }

  endMeeting(meeting: string): Promise<Meeting__Output> {
    return askFirst<MeetingsClient, Meeting__Output>(this.#meetings, (client, options, done) =>
      client.End({ meeting }, options, done),
    );
  }

  /**
   * Drains a router and tells how it goes, to the end if `watch`. When the controller goes away meanwhile, the next one is
   * asked with what is left of the time. Ends without a last word when `signal` is aborted; the drain goes on.
   */
  async *drain(
    router: string,
    durationMs: number,
    watch: boolean,
    signal?: AbortSignal,
  ): AsyncGenerator<DrainProgress__Output> {
    let endMs = Date.now() + durationMs;
    for (const [index, { address, client }] of this.#clients.entries()) {
      const stream = client.Drain({ router, deadlineMs: Math.max(1_000, endMs - Date.now()), watch });
      try {
        for await (const progress of read(stream, signal)) {
          endMs = progress.deadlineMs;
          yield progress;
        }
        return;
      } catch (error) {
        if (signal?.aborted) return;
        if (!isAway(error)) throw toZonectlError(error);
        if (index === this.#clients.length - 1) throw unreachable([{ address, error }]);
      }
    }
  }

  close(): void {
    for (const { client } of [...this.#clients, ...this.#meetings]) client.close();
  }

  #ask<Reply>(start: Start<Reply>): Promise<Reply> {
    return askFirst(this.#clients, start);
  }
}

async function* read(
  stream: ClientReadableStream<DrainProgress__Output>,
  signal: AbortSignal | undefined,
): AsyncGenerator<DrainProgress__Output> {
  const cancel = (): void => stream.cancel();
  signal?.addEventListener('abort', cancel);
  try {
    // The cast: grpc-js's streams are Node's, whose items are not typed.
    for await (const progress of stream as AsyncIterable<DrainProgress__Output>) yield progress;
  } finally {
    signal?.removeEventListener('abort', cancel);
    // Whoever stops reading has no use for the rest; after its end, an error that comes of this has no listener.
    stream.on('error', () => undefined);
    stream.cancel();
  }
}
