// Original file: proto/global.proto


export interface Guests {
  'via'?: (string);
}

export interface Guests__Output {
  'via': (string);
}
