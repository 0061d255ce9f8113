// Original file: proto/meetings.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { CreateReply as _zonecast_meetings_v1_CreateReply, CreateReply__Output as _zonecast_meetings_v1_CreateReply__Output } from '../../../zonecast/meetings/v1/CreateReply.ts';
import type { CreateRequest as _zonecast_meetings_v1_CreateRequest, CreateRequest__Output as _zonecast_meetings_v1_CreateRequest__Output } from '../../../zonecast/meetings/v1/CreateRequest.ts';
import type { DeleteReply as _zonecast_meetings_v1_DeleteReply, DeleteReply__Output as _zonecast_meetings_v1_DeleteReply__Output } from '../../../zonecast/meetings/v1/DeleteReply.ts';
import type { DeleteRequest as _zonecast_meetings_v1_DeleteRequest, DeleteRequest__Output as _zonecast_meetings_v1_DeleteRequest__Output } from '../../../zonecast/meetings/v1/DeleteRequest.ts';
import type { EndRequest as _zonecast_meetings_v1_EndRequest, EndRequest__Output as _zonecast_meetings_v1_EndRequest__Output } from '../../../zonecast/meetings/v1/EndRequest.ts';
import type { GetRequest as _zonecast_meetings_v1_GetRequest, GetRequest__Output as _zonecast_meetings_v1_GetRequest__Output } from '../../../zonecast/meetings/v1/GetRequest.ts';
import type { ListReply as _zonecast_meetings_v1_ListReply, ListReply__Output as _zonecast_meetings_v1_ListReply__Output } from '../../../zonecast/meetings/v1/ListReply.ts';
import type { ListRequest as _zonecast_meetings_v1_ListRequest, ListRequest__Output as _zonecast_meetings_v1_ListRequest__Output } from '../../../zonecast/meetings/v1/ListRequest.ts';
import type { Meeting as _zonecast_meetings_v1_Meeting, Meeting__Output as _zonecast_meetings_v1_Meeting__Output } from '../../../zonecast/meetings/v1/Meeting.ts';
import type { OccurrencesReply as _zonecast_meetings_v1_OccurrencesReply, OccurrencesReply__Output as _zonecast_meetings_v1_OccurrencesReply__Output } from '../../../zonecast/meetings/v1/OccurrencesReply.ts';
import type { OccurrencesRequest as _zonecast_meetings_v1_OccurrencesRequest, OccurrencesRequest__Output as _zonecast_meetings_v1_OccurrencesRequest__Output } from '../../../zonecast/meetings/v1/OccurrencesRequest.ts';
import type { UpdateRequest as _zonecast_meetings_v1_UpdateRequest, UpdateRequest__Output as _zonecast_meetings_v1_UpdateRequest__Output } from '../../../zonecast/meetings/v1/UpdateRequest.ts';

export interface MeetingsClient extends grpc.Client {
  Create(argument: _zonecast_meetings_v1_CreateRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_CreateReply__Output>): grpc.ClientUnaryCall;
  Create(argument: _zonecast_meetings_v1_CreateRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_meetings_v1_CreateReply__Output>): grpc.ClientUnaryCall;
  Create(argument: _zonecast_meetings_v1_CreateRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_CreateReply__Output>): grpc.ClientUnaryCall;
  Create(argument: _zonecast_meetings_v1_CreateRequest, callback: grpc.requestCallback<_zonecast_meetings_v1_CreateReply__Output>): grpc.ClientUnaryCall;
  create(argument: _zonecast_meetings_v1_CreateRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_CreateReply__Output>): grpc.ClientUnaryCall;
  create(argument: _zonecast_meetings_v1_CreateRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_meetings_v1_CreateReply__Output>): grpc.ClientUnaryCall;
  create(argument: _zonecast_meetings_v1_CreateRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_CreateReply__Output>): grpc.ClientUnaryCall;
  create(argument: _zonecast_meetings_v1_CreateRequest, callback: grpc.requestCallback<_zonecast_meetings_v1_CreateReply__Output>): grpc.ClientUnaryCall;
  
  Delete(argument: _zonecast_meetings_v1_DeleteRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_DeleteReply__Output>): grpc.ClientUnaryCall;
  Delete(argument: _zonecast_meetings_v1_DeleteRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_meetings_v1_DeleteReply__Output>): grpc.ClientUnaryCall;
  Delete(argument: _zonecast_meetings_v1_DeleteRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_DeleteReply__Output>): grpc.ClientUnaryCall;
  Delete(argument: _zonecast_meetings_v1_DeleteRequest, callback: grpc.requestCallback<_zonecast_meetings_v1_DeleteReply__Output>): grpc.ClientUnaryCall;
  delete(argument: _zonecast_meetings_v1_DeleteRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_DeleteReply__Output>): grpc.ClientUnaryCall;
  delete(argument: _zonecast_meetings_v1_DeleteRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_meetings_v1_DeleteReply__Output>): grpc.ClientUnaryCall;
  delete(argument: _zonecast_meetings_v1_DeleteRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_DeleteReply__Output>): grpc.ClientUnaryCall;
  delete(argument: _zonecast_meetings_v1_DeleteRequest, callback: grpc.requestCallback<_zonecast_meetings_v1_DeleteReply__Output>): grpc.ClientUnaryCall;
  
  End(argument: _zonecast_meetings_v1_EndRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  End(argument: _zonecast_meetings_v1_EndRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  End(argument: _zonecast_meetings_v1_EndRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  End(argument: _zonecast_meetings_v1_EndRequest, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  end(argument: _zonecast_meetings_v1_EndRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  end(argument: _zonecast_meetings_v1_EndRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  end(argument: _zonecast_meetings_v1_EndRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  end(argument: _zonecast_meetings_v1_EndRequest, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  
  Get(argument: _zonecast_meetings_v1_GetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  Get(argument: _zonecast_meetings_v1_GetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  Get(argument: _zonecast_meetings_v1_GetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  Get(argument: _zonecast_meetings_v1_GetRequest, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  get(argument: _zonecast_meetings_v1_GetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  get(argument: _zonecast_meetings_v1_GetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  get(argument: _zonecast_meetings_v1_GetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  get(argument: _zonecast_meetings_v1_GetRequest, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  
  List(argument: _zonecast_meetings_v1_ListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_ListReply__Output>): grpc.ClientUnaryCall;
  List(argument: _zonecast_meetings_v1_ListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_meetings_v1_ListReply__Output>): grpc.ClientUnaryCall;
  List(argument: _zonecast_meetings_v1_ListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_ListReply__Output>): grpc.ClientUnaryCall;
  List(argument: _zonecast_meetings_v1_ListRequest, callback: grpc.requestCallback<_zonecast_meetings_v1_ListReply__Output>): grpc.ClientUnaryCall;
  list(argument: _zonecast_meetings_v1_ListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_ListReply__Output>): grpc.ClientUnaryCall;
  list(argument: _zonecast_meetings_v1_ListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_meetings_v1_ListReply__Output>): grpc.ClientUnaryCall;
  list(argument: _zonecast_meetings_v1_ListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_ListReply__Output>): grpc.ClientUnaryCall;
  list(argument: _zonecast_meetings_v1_ListRequest, callback: grpc.requestCallback<_zonecast_meetings_v1_ListReply__Output>): grpc.ClientUnaryCall;
  
  Occurrences(argument: _zonecast_meetings_v1_OccurrencesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_OccurrencesReply__Output>): grpc.ClientUnaryCall;
  Occurrences(argument: _zonecast_meetings_v1_OccurrencesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_meetings_v1_OccurrencesReply__Output>): grpc.ClientUnaryCall;
  Occurrences(argument: _zonecast_meetings_v1_OccurrencesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_OccurrencesReply__Output>): grpc.ClientUnaryCall;
  Occurrences(argument: _zonecast_meetings_v1_OccurrencesRequest, callback: grpc.requestCallback<_zonecast_meetings_v1_OccurrencesReply__Output>): grpc.ClientUnaryCall;
  occurrences(argument: _zonecast_meetings_v1_OccurrencesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_OccurrencesReply__Output>): grpc.ClientUnaryCall;
  occurrences(argument: _zonecast_meetings_v1_OccurrencesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_meetings_v1_OccurrencesReply__Output>): grpc.ClientUnaryCall;
  occurrences(argument: _zonecast_meetings_v1_OccurrencesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_OccurrencesReply__Output>): grpc.ClientUnaryCall;
  occurrences(argument: _zonecast_meetings_v1_OccurrencesRequest, callback: grpc.requestCallback<_zonecast_meetings_v1_OccurrencesReply__Output>): grpc.ClientUnaryCall;
  
  Update(argument: _zonecast_meetings_v1_UpdateRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  Update(argument: _zonecast_meetings_v1_UpdateRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  Update(argument: _zonecast_meetings_v1_UpdateRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  Update(argument: _zonecast_meetings_v1_UpdateRequest, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  update(argument: _zonecast_meetings_v1_UpdateRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  update(argument: _zonecast_meetings_v1_UpdateRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  update(argument: _zonecast_meetings_v1_UpdateRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  update(argument: _zonecast_meetings_v1_UpdateRequest, callback: grpc.requestCallback<_zonecast_meetings_v1_Meeting__Output>): grpc.ClientUnaryCall;
  
}

export interface MeetingsHandlers extends grpc.UntypedServiceImplementation {
  Create: grpc.handleUnaryCall<_zonecast_meetings_v1_CreateRequest__Output, _zonecast_meetings_v1_CreateReply>;
  
  Delete: grpc.handleUnaryCall<_zonecast_meetings_v1_DeleteRequest__Output, _zonecast_meetings_v1_DeleteReply>;
  
  End: grpc.handleUnaryCall<_zonecast_meetings_v1_EndRequest__Output, _zonecast_meetings_v1_Meeting>;
  
  Get: grpc.handleUnaryCall<_zonecast_meetings_v1_GetRequest__Output, _zonecast_meetings_v1_Meeting>;
  
  List: grpc.handleUnaryCall<_zonecast_meetings_v1_ListRequest__Output, _zonecast_meetings_v1_ListReply>;
  
  Occurrences: grpc.handleUnaryCall<_zonecast_meetings_v1_OccurrencesRequest__Output, _zonecast_meetings_v1_OccurrencesReply>;
  
  Update: grpc.handleUnaryCall<_zonecast_meetings_v1_UpdateRequest__Output, _zonecast_meetings_v1_Meeting>;
  
}

export interface MeetingsDefinition extends grpc.ServiceDefinition {
  Create: MethodDefinition<_zonecast_meetings_v1_CreateRequest, _zonecast_meetings_v1_CreateReply, _zonecast_meetings_v1_CreateRequest__Output, _zonecast_meetings_v1_CreateReply__Output>
  Delete: MethodDefinition<_zonecast_meetings_v1_DeleteRequest, _zonecast_meetings_v1_DeleteReply, _zonecast_meetings_v1_DeleteRequest__Output, _zonecast_meetings_v1_DeleteReply__Output>
  End: MethodDefinition<_zonecast_meetings_v1_EndRequest, _zonecast_meetings_v1_Meeting, _zonecast_meetings_v1_EndRequest__Output, _zonecast_meetings_v1_Meeting__Output>
  Get: MethodDefinition<_zonecast_meetings_v1_GetRequest, _zonecast_meetings_v1_Meeting, _zonecast_meetings_v1_GetRequest__Output, _zonecast_meetings_v1_Meeting__Output>
  List: MethodDefinition<_zonecast_meetings_v1_ListRequest, _zonecast_meetings_v1_ListReply, _zonecast_meetings_v1_ListRequest__Output, _zonecast_meetings_v1_ListReply__Output>
  Occurrences: MethodDefinition<_zonecast_meetings_v1_OccurrencesRequest, _zonecast_meetings_v1_OccurrencesReply, _zonecast_meetings_v1_OccurrencesRequest__Output, _zonecast_meetings_v1_OccurrencesReply__Output>
  Update: MethodDefinition<_zonecast_meetings_v1_UpdateRequest, _zonecast_meetings_v1_Meeting, _zonecast_meetings_v1_UpdateRequest__Output, _zonecast_meetings_v1_Meeting__Output>
}
