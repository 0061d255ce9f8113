// Original file: proto/meetings.proto


export interface Policy {
  'residency'?: (string);
  'guests'?: (string);
  'overflow'?: (string);
  '_residency'?: "residency";
  '_guests'?: "guests";
  '_overflow'?: "overflow";
}

export interface Policy__Output {
  'residency'?: (string);
  'guests'?: (string);
  'overflow'?: (string);
  '_residency'?: "residency";
  '_guests'?: "guests";
  '_overflow'?: "overflow";
}
