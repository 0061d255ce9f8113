// Original file: proto/cascade.proto


export interface TrunkAnswer {
  'fromWorker'?: (number);
  'toWorker'?: (number);
  'offeredUfrag'?: (string);
  'ufrag'?: (string);
  'password'?: (string);
  'fingerprint'?: (Buffer | Uint8Array | string);
  'addresses'?: (string)[];
  'port'?: (number);
}

export interface TrunkAnswer__Output {
  'fromWorker': (number);
  'toWorker': (number);
  'offeredUfrag': (string);
  'ufrag': (string);
  'password': (string);
  'fingerprint': (Buffer);
  'addresses': (string)[];
  'port': (number);
}
