/** Why a request to the worker pool failed. */
export type WorkerPoolErrorCode =
  /** The port that a worker needs is in use, by UDP or by TCP; `port` says which. */
  | 'portTaken'
  /** A worker could not start for another reason (address not ours, engine missing). */
  | 'startFailed'
  /** The pool is stopped, or no worker is up at this moment. */
  | 'noWorker'
  /** The worker died while the request was under way. */
  | 'workerLost'
  /** The worker did not answer in time. */
  | 'deadline'
  /** The worker of the meeting has its maximum of participants. */
  | 'workerFull'
  /** A participant of this id is there already. */
  | 'alreadyJoined'
  | 'noSuchParticipant'
  /** The negotiated media cannot be carried (more slots or sources than the cap, an SSRC twice). */
  | 'badMedia'
  /** The worker has its maximum of trunks; or a trunk's ICE ufrag is in use there. */
  | 'trunkLimit'
  | 'badTrunk';

export class WorkerPoolError extends Error {
  override readonly name = 'WorkerPoolError';
  readonly code: WorkerPoolErrorCode;
  /** The port of `portTaken`. */
  readonly port: number | undefined;

  constructor(code: WorkerPoolErrorCode, message: string, port?: number) {
    super(message);
    this.code = code;
    this.port = port;
  }
}
