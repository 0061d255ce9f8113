// Original file: proto/cascade.proto


export interface TrunkRefusal {
  'fromWorker'?: (number);
  'toWorker'?: (number);
  'offeredUfrag'?: (string);
}

export interface TrunkRefusal__Output {
  'fromWorker': (number);
  'toWorker': (number);
  'offeredUfrag': (string);
}
