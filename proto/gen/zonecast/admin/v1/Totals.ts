// Original file: proto/admin.proto


export interface Totals {
  'routers'?: ({[key: string]: number});
  'workers'?: (number);
  'meetings'?: (number);
  'liveMeetings'?: (number);
  'participants'?: (number);
  'packetsPerSecond'?: (number | string);
  'tunnels'?: ({[key: string]: number});
}

export interface Totals__Output {
  'routers': ({[key: string]: number});
  'workers': (number);
  'meetings': (number);
  'liveMeetings': (number);
  'participants': (number);
  'packetsPerSecond': (number);
  'tunnels': ({[key: string]: number});
}
