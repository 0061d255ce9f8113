import { normalizeMeetingId } from './meeting-id.ts';

export interface Invite {
  meeting: string;
  passcode: string;
}

/**
 * The link that lets somebody else in: `origin/#meeting=…&passcode=…`. Both values are in the fragment, which browsers
 * never send, so that no server's log sees them.
 */
export function inviteLink(origin: string, invite: Invite): string {
  return `${origin}/${inviteFragment(invite)}`;
}

export function inviteFragment(invite: Invite): string {
  return `#${new URLSearchParams({ meeting: invite.meeting, passcode: invite.passcode })}`;
}

/** Reads the fragment of an invite link; undefined when it names no meeting. The passcode may be empty. */
export function readInvite(fragment: string): Invite | undefined {
  const values = new URLSearchParams(fragment.replace(/^#/, ''));
  const meeting = normalizeMeetingId(values.get('meeting') ?? '');
  if (meeting === '') return undefined;
  return { meeting, passcode: values.get('passcode') ?? '' };
}
