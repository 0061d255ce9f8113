// Original file: proto/cascade.proto


export interface TrunkOffer {
  'fromWorker'?: (number);
  'toWorker'?: (number);
  'ufrag'?: (string);
  'fingerprint'?: (Buffer | Uint8Array | string);
}

export interface TrunkOffer__Output {
  'fromWorker': (number);
  'toWorker': (number);
  'ufrag': (string);
  'fingerprint': (Buffer);
}
