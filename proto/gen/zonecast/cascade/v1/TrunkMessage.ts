// Original file: proto/cascade.proto


export interface TrunkMessage {
  'fromWorker'?: (number);
  'toWorker'?: (number);
  'json'?: (string);
}

export interface TrunkMessage__Output {
  'fromWorker': (number);
  'toWorker': (number);
  'json': (string);
}
