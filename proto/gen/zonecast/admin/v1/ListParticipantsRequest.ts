// Original file: proto/admin.proto


export interface ListParticipantsRequest {
  'meeting'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListParticipantsRequest__Output {
  'meeting': (string);
  'pageSize': (number);
  'pageToken': (string);
}
