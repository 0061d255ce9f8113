// Original file: proto/admin.proto


export interface MoveRequest {
  'meeting'?: (string);
  'participant'?: (string);
  'from'?: (string);
  'toRouter'?: (string);
  'toWorker'?: (number);
  '_toWorker'?: "toWorker";
}

export interface MoveRequest__Output {
  'meeting': (string);
  'participant': (string);
  'from': (string);
  'toRouter': (string);
  'toWorker'?: (number);
  '_toWorker'?: "toWorker";
}
