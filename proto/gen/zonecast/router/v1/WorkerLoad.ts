// Original file: proto/router.proto


export interface WorkerLoad {
  'index'?: (number);
  'meetings'?: (number);
  'participants'?: (number);
  'ingressPacketsPerSecond'?: (number | string);
  'egressPacketsPerSecond'?: (number | string);
  'cpuUtilization'?: (number | string);
  'eventLoopDelayP99Ms'?: (number | string);
}

export interface WorkerLoad__Output {
  'index': (number);
  'meetings': (number);
  'participants': (number);
  'ingressPacketsPerSecond': (number);
  'egressPacketsPerSecond': (number);
  'cpuUtilization': (number);
  'eventLoopDelayP99Ms': (number);
}
