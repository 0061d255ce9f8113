// Original file: proto/global.proto


export interface RankedZone {
  'zone'?: (string);
  'reason'?: (string);
  'words'?: (string);
  'rttMs'?: (number | string);
  'distanceKm'?: (number | string);
  'headRoom'?: (number | string);
  '_rttMs'?: "rttMs";
  '_distanceKm'?: "distanceKm";
  '_headRoom'?: "headRoom";
}

export interface RankedZone__Output {
  'zone': (string);
  'reason': (string);
  'words': (string);
  'rttMs'?: (number);
  'distanceKm'?: (number);
  'headRoom'?: (number);
  '_rttMs'?: "rttMs";
  '_distanceKm'?: "distanceKm";
  '_headRoom'?: "headRoom";
}
