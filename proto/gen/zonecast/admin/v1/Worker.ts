// Original file: proto/admin.proto


export interface Worker {
  'index'?: (number);
  'meetings'?: (number);
  'participants'?: (number);
  'ingressPacketsPerSecond'?: (number | string);
  'egressPacketsPerSecond'?: (number | string);
  'cpuUtilization'?: (number | string);
  'eventLoopDelayP99Ms'?: (number | string);
  'load'?: (number | string);
}

export interface Worker__Output {
  'index': (number);
  'meetings': (number);
  'participants': (number);
  'ingressPacketsPerSecond': (number);
  'egressPacketsPerSecond': (number);
  'cpuUtilization': (number);
  'eventLoopDelayP99Ms': (number);
  'load': (number);
}
