// Original file: proto/router.proto


export interface RosterEntry {
  'participant'?: (string);
  'name'?: (string);
  'live'?: (string)[];
  'connected'?: (boolean);
  'router'?: (string);
}

export interface RosterEntry__Output {
  'participant': (string);
  'name': (string);
  'live': (string)[];
  'connected': (boolean);
  'router': (string);
}
