/** The association of a tunnelled session with the simulated router: ICE and DTLS take no time, and nothing is lost between them. */

import type { LegOwner, MediaLeg } from '../../../http-tunnel/media/leg/leg.ts';
import type { NegotiatedMedia } from '../../../mmr/media/negotiated.ts';
import { bindingRequest } from '../../../mmr/media/transport/transport-test-lab.ts';
import type { LegCredentials, LegNumber, LegState } from '../../../proto/tunnel.ts';
import type { FromRouter } from '../router/participant.ts';
import type { SimRouter } from '../router/sim-router.ts';
import type { World } from '../world.ts';

/** Tunnels stand beside routers. */
const DELAY_US = 500;
/** Consent checks (RFC 7675). */
const CHECK_US = 2_500_000;

/** Whose packets these are, and who looks at them on their way. */
export interface LegPlan {
  readonly name: string;
  readonly media: NegotiatedMedia;
  /** It has left the router. */
  handleFromRouter(packet: FromRouter): void;
  /** RTP or RTCP of the client has left the tunnel. */
  handleToRouter(packet: Uint8Array): void;
}

export class SimLeg implements MediaLeg {
  readonly credentials: LegCredentials = {
    ufrag: 'simulated',
    pwd: 'simulated/simulated/simulated',
    fingerprint: `sha-256 ${Array.from({ length: 32 }, () => '00').join(':')}`,
  };
  readonly number: LegNumber;
  readonly reason = undefined;
  state: LegState | undefined;
  readonly #world: World;
  readonly #router: SimRouter;
  readonly #plan: LegPlan;
  readonly #owner: LegOwner;

  constructor(number: LegNumber, owner: LegOwner, world: World, router: SimRouter, plan: LegPlan) {
    this.number = number;
    this.#owner = owner;
    this.#world = world;
    this.#router = router;
    this.#plan = plan;
  }

  connect(): void {
    this.#become('connecting');
    const { name, media } = this.#plan;
    this.#router.admit({ name, media, down: { send: (packet) => this.#handlePacket(packet) } });
    this.#become('connected');
    this.#world.every(CHECK_US, this.#world.nowUs + CHECK_US, () =>
      this.#router.receive(name, bindingRequest({ username: `ufrag-${name}:peer`, useCandidate: true })),
    );
  }

  send(packet: Buffer): void {
    const copy = new Uint8Array(packet);
    this.#plan.handleToRouter(copy);
    this.#world.after(DELAY_US, () => this.#router.receive(this.#plan.name, copy));
  }

  close(): void {
    this.#become('closed');
  }

  #handlePacket(packet: FromRouter): void {
    this.#plan.handleFromRouter(packet);
    const bytes = Buffer.from(packet.bytes);
    this.#world.after(DELAY_US, () => this.#owner.handlePacket(this, bytes, packet.header === undefined));
  }

  #become(state: LegState): void {
    this.state = state;
    this.#owner.handleState(this);
  }
}
