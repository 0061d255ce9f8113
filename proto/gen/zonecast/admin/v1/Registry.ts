// Original file: proto/admin.proto


export interface Registry {
  'available'?: (boolean);
  'read'?: (boolean);
  'malformed'?: (number);
}

export interface Registry__Output {
  'available': (boolean);
  'read': (boolean);
  'malformed': (number);
}
