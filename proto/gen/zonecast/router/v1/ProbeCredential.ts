// Original file: proto/router.proto


export interface ProbeCredential {
  'ufrag'?: (string);
  'password'?: (string);
}

export interface ProbeCredential__Output {
  'ufrag': (string);
  'password': (string);
}
