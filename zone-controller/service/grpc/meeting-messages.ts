/** The messages of `proto/meetings.proto` and what the service takes and gives. Pure. */

import type { CreateRequest__Output } from '../../../proto/gen/zonecast/meetings/v1/CreateRequest.ts';
import type { Meeting } from '../../../proto/gen/zonecast/meetings/v1/Meeting.ts';
import type { Policy, Policy__Output } from '../../../proto/gen/zonecast/meetings/v1/Policy.ts';
import type { UpdateRequest__Output } from '../../../proto/gen/zonecast/meetings/v1/UpdateRequest.ts';
import { readBy } from '../../http/route.ts';
import {
  type MeetingChange,
  type MeetingResource,
  type MeetingWish,
  meetingChange,
  meetingWish,
} from '../meeting-schemas.ts';

/** @throws ZonecastError `badMessage` */
export function readWish({ policy, ...rest }: CreateRequest__Output): MeetingWish {
  return readBy(meetingWish, { ...plain(rest), ...policyOf(policy) });
}

/** @throws ZonecastError `badMessage` */
export function readChange(request: UpdateRequest__Output): MeetingChange {
  const { meeting: _meeting, revision: _revision, clear, reopen, policy, ...rest } = request;
  const cleared = Object.fromEntries(clear.map((name) => [name, null]));
  return readBy(meetingChange, {
    ...plain(rest),
    ...policyOf(policy),
    ...cleared,
    ...(reopen ? { ended: false } : {}),
  });
}

export function toMessage({ owner, policy, ...rest }: MeetingResource): Meeting {
  return {
    ...(rest as Omit<Meeting, 'policy'>), // what is undefined is absent on the wire
    ...(owner === undefined ? {} : { ownerIssuer: owner.issuer, ownerSubject: owner.subject }),
    ...(policy === undefined ? {} : { policy: toPolicy(policy) }),
  };
}

/** Without what is absent, and the fields by which the gRPC library says which optional ones are there. */
function plain(message: object): Record<string, unknown> {
  const present = Object.entries(message).filter(
    ([name, value]) => !name.startsWith('_') && value !== null && value !== undefined,
  );
  const isMessage = (value: unknown): value is object => typeof value === 'object' && !Array.isArray(value);
  return Object.fromEntries(present.map(([name, value]) => [name, isMessage(value) ? plain(value) : value]));
}

function policyOf(policy: Policy__Output | null | undefined): object {
  if (!policy) return {};
  const { residency, guests, overflow } = policy;
  const isRule = overflow === 'never' || overflow === 'any';
  return {
    policy: {
      ...(residency === undefined ? {} : { residency }),
      ...(guests === undefined ? {} : { guests: guests === 'none' ? guests : { via: guests } }),
      ...(overflow === undefined ? {} : { overflow: isRule ? overflow : { zone: overflow } }),
    },
  };
}

function toPolicy({ residency, guests, overflow }: NonNullable<MeetingResource['policy']>): Policy {
  return {
    ...(residency === undefined ? {} : { residency }),
    ...(guests === undefined ? {} : { guests: typeof guests === 'string' ? guests : guests.via }),
    ...(overflow === undefined ? {} : { overflow: typeof overflow === 'string' ? overflow : overflow.zone }),
  };
}
