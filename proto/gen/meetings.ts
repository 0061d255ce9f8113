import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { CreateReply as _zonecast_meetings_v1_CreateReply, CreateReply__Output as _zonecast_meetings_v1_CreateReply__Output } from './zonecast/meetings/v1/CreateReply.ts';
import type { CreateRequest as _zonecast_meetings_v1_CreateRequest, CreateRequest__Output as _zonecast_meetings_v1_CreateRequest__Output } from './zonecast/meetings/v1/CreateRequest.ts';
import type { DeleteReply as _zonecast_meetings_v1_DeleteReply, DeleteReply__Output as _zonecast_meetings_v1_DeleteReply__Output } from './zonecast/meetings/v1/DeleteReply.ts';
import type { DeleteRequest as _zonecast_meetings_v1_DeleteRequest, DeleteRequest__Output as _zonecast_meetings_v1_DeleteRequest__Output } from './zonecast/meetings/v1/DeleteRequest.ts';
import type { EndRequest as _zonecast_meetings_v1_EndRequest, EndRequest__Output as _zonecast_meetings_v1_EndRequest__Output } from './zonecast/meetings/v1/EndRequest.ts';
import type { GetRequest as _zonecast_meetings_v1_GetRequest, GetRequest__Output as _zonecast_meetings_v1_GetRequest__Output } from './zonecast/meetings/v1/GetRequest.ts';
import type { Limits as _zonecast_meetings_v1_Limits, Limits__Output as _zonecast_meetings_v1_Limits__Output } from './zonecast/meetings/v1/Limits.ts';
import type { ListReply as _zonecast_meetings_v1_ListReply, ListReply__Output as _zonecast_meetings_v1_ListReply__Output } from './zonecast/meetings/v1/ListReply.ts';
import type { ListRequest as _zonecast_meetings_v1_ListRequest, ListRequest__Output as _zonecast_meetings_v1_ListRequest__Output } from './zonecast/meetings/v1/ListRequest.ts';
import type { Meeting as _zonecast_meetings_v1_Meeting, Meeting__Output as _zonecast_meetings_v1_Meeting__Output } from './zonecast/meetings/v1/Meeting.ts';
import type { MeetingsClient as _zonecast_meetings_v1_MeetingsClient, MeetingsDefinition as _zonecast_meetings_v1_MeetingsDefinition } from './zonecast/meetings/v1/Meetings.ts';
import type { Occurrence as _zonecast_meetings_v1_Occurrence, Occurrence__Output as _zonecast_meetings_v1_Occurrence__Output } from './zonecast/meetings/v1/Occurrence.ts';
import type { OccurrencesReply as _zonecast_meetings_v1_OccurrencesReply, OccurrencesReply__Output as _zonecast_meetings_v1_OccurrencesReply__Output } from './zonecast/meetings/v1/OccurrencesReply.ts';
import type { OccurrencesRequest as _zonecast_meetings_v1_OccurrencesRequest, OccurrencesRequest__Output as _zonecast_meetings_v1_OccurrencesRequest__Output } from './zonecast/meetings/v1/OccurrencesRequest.ts';
import type { Policy as _zonecast_meetings_v1_Policy, Policy__Output as _zonecast_meetings_v1_Policy__Output } from './zonecast/meetings/v1/Policy.ts';
import type { Schedule as _zonecast_meetings_v1_Schedule, Schedule__Output as _zonecast_meetings_v1_Schedule__Output } from './zonecast/meetings/v1/Schedule.ts';
import type { Settings as _zonecast_meetings_v1_Settings, Settings__Output as _zonecast_meetings_v1_Settings__Output } from './zonecast/meetings/v1/Settings.ts';
import type { UpdateRequest as _zonecast_meetings_v1_UpdateRequest, UpdateRequest__Output as _zonecast_meetings_v1_UpdateRequest__Output } from './zonecast/meetings/v1/UpdateRequest.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  zonecast: {
    meetings: {
      v1: {
        CreateReply: MessageTypeDefinition<_zonecast_meetings_v1_CreateReply, _zonecast_meetings_v1_CreateReply__Output>
        CreateRequest: MessageTypeDefinition<_zonecast_meetings_v1_CreateRequest, _zonecast_meetings_v1_CreateRequest__Output>
        DeleteReply: MessageTypeDefinition<_zonecast_meetings_v1_DeleteReply, _zonecast_meetings_v1_DeleteReply__Output>
        DeleteRequest: MessageTypeDefinition<_zonecast_meetings_v1_DeleteRequest, _zonecast_meetings_v1_DeleteRequest__Output>
        EndRequest: MessageTypeDefinition<_zonecast_meetings_v1_EndRequest, _zonecast_meetings_v1_EndRequest__Output>
        GetRequest: MessageTypeDefinition<_zonecast_meetings_v1_GetRequest, _zonecast_meetings_v1_GetRequest__Output>
        Limits: MessageTypeDefinition<_zonecast_meetings_v1_Limits, _zonecast_meetings_v1_Limits__Output>
        ListReply: MessageTypeDefinition<_zonecast_meetings_v1_ListReply, _zonecast_meetings_v1_ListReply__Output>
        ListRequest: MessageTypeDefinition<_zonecast_meetings_v1_ListRequest, _zonecast_meetings_v1_ListRequest__Output>
        Meeting: MessageTypeDefinition<_zonecast_meetings_v1_Meeting, _zonecast_meetings_v1_Meeting__Output>
        Meetings: SubtypeConstructor<typeof grpc.Client, _zonecast_meetings_v1_MeetingsClient> & { service: _zonecast_meetings_v1_MeetingsDefinition }
        Occurrence: MessageTypeDefinition<_zonecast_meetings_v1_Occurrence, _zonecast_meetings_v1_Occurrence__Output>
        OccurrencesReply: MessageTypeDefinition<_zonecast_meetings_v1_OccurrencesReply, _zonecast_meetings_v1_OccurrencesReply__Output>
        OccurrencesRequest: MessageTypeDefinition<_zonecast_meetings_v1_OccurrencesRequest, _zonecast_meetings_v1_OccurrencesRequest__Output>
        Policy: MessageTypeDefinition<_zonecast_meetings_v1_Policy, _zonecast_meetings_v1_Policy__Output>
        Schedule: MessageTypeDefinition<_zonecast_meetings_v1_Schedule, _zonecast_meetings_v1_Schedule__Output>
        Settings: MessageTypeDefinition<_zonecast_meetings_v1_Settings, _zonecast_meetings_v1_Settings__Output>
        UpdateRequest: MessageTypeDefinition<_zonecast_meetings_v1_UpdateRequest, _zonecast_meetings_v1_UpdateRequest__Output>
      }
    }
  }
}

