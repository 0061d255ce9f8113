/** What the harness asks of the process that hosts the router's worker (router-host.ts), over the IPC channel. */
import type { WorkerStatistics } from '../../mmr/worker/messages.ts';
import type { Features } from './workloads.ts';

export interface JoinRequest {
  readonly meeting: string;
  readonly participant: number;
  readonly publishes: boolean;
  readonly videoSlots: number;
  readonly audioSlots: number;
  /** What it negotiates beside plain media; undefined: nothing. */
  readonly features: Features | undefined;
}

export interface Joined {
  /** For the STUN username and MESSAGE-INTEGRITY of the client's checks. */
  readonly username: string;
  readonly password: string;
  /** Wall clock in milliseconds at which the join request was made. */
  readonly requestedAtMs: number;
}

export interface Memory {
  readonly residentBytes: number;
  readonly heapUsedBytes: number;
  readonly externalBytes: number;
}

/** Requests and their answers, by name. */
export interface HostCalls {
  readonly start: {
    readonly request: { readonly address: string; readonly fingerprint: string; readonly realtime: boolean };
    readonly answer: { readonly port: number; readonly thread: number };
  };
  readonly join: { readonly request: JoinRequest; readonly answer: Joined };
  readonly statistics: { readonly request: null; readonly answer: WorkerStatistics };
  /** After a full garbage collection of both threads. */
  readonly memory: { readonly request: null; readonly answer: Memory };
  readonly profileStart: { readonly request: null; readonly answer: null };
  readonly profileStop: { readonly request: { readonly file: string }; readonly answer: null };
  readonly stop: { readonly request: null; readonly answer: null };
}

export type HostCall = keyof HostCalls;

/** A call as it goes over the channel. */
export interface HostRequest {
  readonly id: number;
  readonly call: HostCall;
  readonly request: unknown;
}

export interface HostAnswer {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

/** SSRCs as in c/net.h. */
export const SLOTS_PER_PARTICIPANT = 64;
export function sourceSsrc(participant: number): number {
  return 0x20000000 + participant;
}
/** RTX beside a slot's own stream. */
export function repairSsrc(participant: number, slot: number): number {
  return slotSsrc(participant, slot) + 0x20000000;
}
export function slotSsrc(participant: number, slot: number): number {
  return 0x40000000 + participant * SLOTS_PER_PARTICIPANT + slot;
}
