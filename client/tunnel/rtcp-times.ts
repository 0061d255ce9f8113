/** When RTCP is due, and other work that time brings. Asked as often as anything happens. */

const LOOK_MS = 30;
const REPORT_MS = 1_000;

export interface DueWork {
  readonly isLook: boolean;
  readonly isReport: boolean;
}

export class RtcpTimes {
  #lookedMs = Number.NEGATIVE_INFINITY;
  #reportedMs = Number.NEGATIVE_INFINITY;

  /** What is due is taken for done. */
  due(nowMs: number): DueWork {
    const isLook = nowMs - this.#lookedMs >= LOOK_MS;
    const isReport = nowMs - this.#reportedMs >= REPORT_MS;
    if (isLook) this.#lookedMs = nowMs;
    if (isReport) this.#reportedMs = nowMs;
    return { isLook, isReport };
  }
}
