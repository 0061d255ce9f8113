/** How long a tunnel waits for whom, milliseconds, in one place. */
import type { HttpTimes } from './port/http-servers.ts';
import type { PortTimes } from './port/tls-port.ts';
import type { ControllerTimes } from './proxy/controllers.ts';
import type { ProxyTimes } from './proxy/proxy-times.ts';

export type TunnelTimes = PortTimes & HttpTimes & ProxyTimes & ControllerTimes;

export const DEFAULT_TIMES: TunnelTimes = {
  proxyHeaderMs: 3_000,
  handshakeMs: 10_000,
  firstByteMs: 10_000,
  headersMs: 5_000,
  idleMs: 15_000,
  bodyMs: 10_000,
  exchangeMs: 120_000,
  connectMs: 2_000,
  answerMs: 15_000,
  checkMs: 2_000,
  checkDeadlineMs: 1_500,
};
