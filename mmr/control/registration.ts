/** Keeps this router registered with one of its zone's controllers. While it is with none, meetings go on. */
import type { RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { MutualTls } from '../../common/mutual-tls.ts';
import type { MediaAddress } from '../../proto/gen/zonecast/zone/v1/MediaAddress.ts';
import type { RegisterReply__Output } from '../../proto/gen/zonecast/zone/v1/RegisterReply.ts';
import type { Registration as RegistrationMessage } from '../../proto/gen/zonecast/zone/v1/Registration.ts';
import { ZoneStream } from '../../proto/zone-stream.ts';

export interface RegistrationOptions {
  readonly router: RouterId;
  /** host:port of the gRPC service of each zone-controller; any of them will do. */
  readonly zoneControllers: readonly string[];
  readonly tls: MutualTls;
  /** host:port at which controllers reach this router. */
  readonly address: string;
  /** host:port at which routers of other zones reach it; undefined: it does not listen to them. */
  readonly zonesAddress: string | undefined;
  readonly workers: number;
  /** Where the workers receive media. */
  readonly media: readonly MediaAddress[];
  /** Of each worker. */
  readonly limits: { readonly participants: number; readonly packetsPerSecond: number };
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly string[];
  readonly version: string;
  /** Called with true when a controller has accepted the registration, with false when it is lost. */
  readonly onChange: (registered: boolean) => void;
  readonly log: Logger;
}

export class Registration {
  readonly #options: RegistrationOptions;
  readonly #stream: ZoneStream<RegistrationMessage, RegisterReply__Output>;
  #isDraining = false;

  constructor(options: RegistrationOptions) {
    this.#options = options;
    const { zoneControllers, tls, onChange, log } = options;
    this.#stream = new ZoneStream({
      zoneControllers,
      tls,
      open: (client) => client.Register(),
      message: () => this.#message(),
      onReply: ({ zone }, isFirst, controller) => {
        if (!isFirst) return;
        log.info({ zone, controller }, 'registered');
        onChange(true);
      },
      onLost: () => onChange(false),
      log,
    });
  }

  get registered(): boolean {
    return this.#stream.registered;
  }

  start(): void {
    this.#stream.start();
  }

  stop(): void {
    this.#stream.stop();
  }

  /** From now on the zone moves everybody away from this router. */
  drain(): void {
    this.#isDraining = true;
    this.#stream.changed();
  }

  #message(): RegistrationMessage {
    const { router, address, zonesAddress = '', workers, media, limits, labels, version } = this.#options;
    const taints = [...this.#options.taints, ...(this.#isDraining ? ['draining'] : [])];
    return { router, address, workers, media: [...media], workerLimits: limits, labels, taints, version, zonesAddress };
  }
}
