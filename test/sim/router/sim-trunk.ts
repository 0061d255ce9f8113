/** A trunk between two simulated routers: its media crosses two links of any kind, its messages come through. */
import type { MeetingId } from '../../../common/ids.ts';
import { EgressKind } from '../../../mmr/media/egress/egress-plan.ts';
import type { RemoteAddress } from '../../../mmr/media/remote-address.ts';
import { v4 } from '../../../mmr/media/transport/transport-test-lab.ts';
import type { TrunkEnd } from '../../../mmr/media/trunk/trunk-end.ts';
import type { TrunkId } from '../../../mmr/media/trunk/trunk-messages.ts';
import { IP_UDP_BYTES, type LinkChange, type LinkConditions } from '../network/link-conditions.ts';
import type { Wire } from '../network/wire.ts';
import type { World } from '../world.ts';
import { type SimRouter, SRTCP_BYTES, SRTP_BYTES } from './sim-router.ts';

const TRUNK = 'trunk' as TrunkId;
const MEETING = 'm' as MeetingId;
const NEAR = v4('10.0.0.1', 8801);
const FAR = v4('10.0.0.2', 8801);

/** As seen from the router that is the root. */
export interface TrunkPath {
  readonly out?: Partial<LinkConditions>;
  readonly outChanges?: readonly LinkChange[];
  readonly back?: Partial<LinkConditions>;
  readonly backChanges?: readonly LinkChange[];
  /** Of messages, each way. */
  readonly messageMs: number;
}

export class SimTrunk {
  readonly out: Wire<Uint8Array>;
  readonly back: Wire<Uint8Array>;
  /** Waiting time in the bottleneck outward of each RTP packet, in ms. */
  readonly queueDelaysMs: number[] = [];
  readonly #near: SimRouter;
  readonly #far: SimRouter;

  constructor(world: World, near: SimRouter, far: SimRouter, path: TrunkPath) {
    this.#near = near;
    this.#far = far;
    this.out = world.wire('trunk out', path.out ?? {}, path.outChanges ?? [], (bytes, _size, queuedUs) => {
      this.queueDelaysMs.push(queuedUs / 1000);
      far.receiveTrunk(NEAR, bytes);
    });
    this.back = world.wire('trunk back', path.back ?? {}, path.backChanges ?? [], (bytes) =>
      near.receiveTrunk(FAR, bytes),
    );
    this.#connect(world, near, this.out, far, path.messageMs);
    this.#connect(world, far, this.back, near, path.messageMs);
    this.#open();
  }

  /** The root's end. */
  get nearEnd(): TrunkEnd {
    return endOf(this.#near);
  }

  get farEnd(): TrunkEnd {
    return endOf(this.#far);
  }

  #connect(world: World, from: SimRouter, wire: Wire<Uint8Array>, to: SimRouter, messageMs: number): void {
    from.trunkPort = {
      sendPacket: (_to: RemoteAddress, bytes, kind) => {
        const sealBytes = kind === EgressKind.rtp ? SRTP_BYTES : kind === EgressKind.rtcp ? SRTCP_BYTES : 0;
        wire.send(bytes, bytes.length + sealBytes + IP_UDP_BYTES);
      },
      sendMessage: (_trunk, message) =>
        world.after(messageMs * 1000, () =>
          to.command(({ registry, nowUs, path }) => registry.trunks.handleMessage(nowUs, TRUNK, message, path)),
        ),
    };
  }

  #open(): void {
    const remoteFingerprints = [{ algorithm: 'sha-256' as const, value: new Uint8Array(32).fill(7) }];
    const remotePassword = 'a password of at least 22';
    this.#far.command(({ registry, nowUs, path }) => {
      const other = { localUfrag: 'far', localPassword: remotePassword, remoteUfrag: 'near', remoteFingerprints };
      registry.trunks.open(nowUs, TRUNK, other, path);
      registry.trunks.setStream(TRUNK, true);
      registry.trunks.link(MEETING, TRUNK, 'parent');
    });
    this.#near.command(({ registry, nowUs, path }) => {
      const opener = {
        localUfrag: 'near',
        localPassword: 'another of that length',
        remoteUfrag: 'far',
        remoteFingerprints,
      };
      registry.trunks.open(nowUs, TRUNK, { ...opener, initiation: { remotePassword, addresses: [FAR] } }, path);
      registry.trunks.setStream(TRUNK, true);
      registry.trunks.link(MEETING, TRUNK, 'child');
    });
  }
}

function endOf({ lab }: SimRouter): TrunkEnd {
  const trunk = lab.registry.trunks.trunks.get(TRUNK);
  if (trunk === undefined) throw new Error('the trunk is closed');
  return trunk;
}
