/** How zonectl ends: for scripts, and so never to be renumbered. docs/operating.md lists them. */
export const EXIT = {
  ok: 0,
  /** Something that should not happen. */
  failed: 1,
  /** Wrong command line or settings. */
  usage: 2,
  /** No controller answers, or none that is to be trusted. */
  unreachable: 3,
  /** The controller says no: not allowed, not there, not possible. */
  refused: 4,
  /** A drain is over and somebody is still on the router, or at the tunnel. */
  notEmpty: 5,
  /** Ctrl-C. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What ends a command early. The message is for people: one sentence or two. */
export class ZonectlError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ZonectlError';
    this.exitCode = exitCode;
  }
}
