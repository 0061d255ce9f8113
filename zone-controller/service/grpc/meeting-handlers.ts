/** The meeting service by gRPC, for operators: `proto/meetings.proto`. Checks who asks, and translates; decides nothing. */
import type { handleUnaryCall } from '@grpc/grpc-js';
import { ZonecastError } from '../../../common/errors.ts';
import { toGrpcStatus } from '../../../common/grpc-errors.ts';
import type { Logger } from '../../../common/log.ts';
import { operatorOf } from '../../../common/operator.ts';
import type { MeetingsHandlers } from '../../../proto/gen/zonecast/meetings/v1/Meetings.ts';
import { tryLater } from '../../registry/try-later.ts';
import type { Caller } from '../caller.ts';
import type { MeetingCatalog } from '../meeting-catalog.ts';
import { readCount, readInstant } from '../query-values.ts';
import { readChange, readWish, toMessage } from './meeting-messages.ts';

export function meetingHandlers(catalog: MeetingCatalog, log: Logger): MeetingsHandlers {
  /** The one place where a call's failure becomes a status. */
  function unary<Request, Reply>(run: (request: Request, caller: Caller) => Promise<Reply>) {
    const handle: handleUnaryCall<Request, Reply> = async (call, done) => {
      try {
        done(null, await tryLater(run(call.request, { operator: operatorOf(call) })));
      } catch (error) {
        if (!(error instanceof ZonecastError)) log.error({ err: error, path: call.getPath() }, 'meetings call failed');
        done(toGrpcStatus(error));
      }
    };
    return handle;
  }

  return {
    Create: unary(async (request, caller) => {
      const { passcode, hostKey, link, ...meeting } = await catalog.create(caller, readWish(request));
      return { meeting: toMessage(meeting), passcode, hostKey, link };
    }),
    Get: unary(async ({ meeting }, caller) => toMessage(await catalog.get(caller, meeting))),
    List: unary(async ({ owner, from, to, pageSize, pageToken }, caller) => {
      const { meetings, nextPageToken = '' } = await catalog.list(caller, {
        ...(owner === '' ? {} : { owner }),
        fromMs: readInstant('from', from),
        toMs: readInstant('to', to),
        pageSize: readCount('page_size', pageSize === 0 ? undefined : String(pageSize), 50),
        pageToken,
      });
      return { meetings: meetings.map(toMessage), nextPageToken };
    }),
    Update: unary(async (request, caller) => {
      const { meeting, revision } = request;
      return toMessage(await catalog.update(caller, meeting, readChange(request), revision || undefined));
    }),
    End: unary(async ({ meeting }, caller) => toMessage(await catalog.end(caller, meeting))),
    Delete: unary(async ({ meeting }, caller) => {
      await catalog.remove(caller, meeting);
      return {};
    }),
    Occurrences: unary(async ({ meeting, from, to, limit }, caller) =>
      catalog.occurrences(caller, meeting, {
        fromMs: readInstant('from', from) ?? Date.now(),
        toMs: readInstant('to', to),
        limit: readCount('limit', limit === 0 ? undefined : String(limit), 10),
      }),
    ),
  };
}
