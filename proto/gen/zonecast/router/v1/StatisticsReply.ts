// Original file: proto/router.proto


export interface StatisticsReply {
  'workers'?: (string)[];
}

export interface StatisticsReply__Output {
  'workers': (string)[];
}
