import { inviteLink } from '../sdk/invite-link.ts';
import type { Meeting } from '../sdk/meeting.ts';
import type { Announcer } from './announcer.ts';
import { element } from './element.ts';

/** Copies the invite link; where the browser forbids that, shows it to be copied by hand. */
export async function copyInvite(meeting: Meeting, announcer: Announcer): Promise<void> {
  const link = inviteLink(location.origin, { meeting: meeting.id, passcode: meeting.passcode });
  try {
    await navigator.clipboard.writeText(link);
    announcer.show('The invite link is copied. Send it to whoever should come.');
  } catch {
    const text = element('invite-text', HTMLInputElement);
    text.value = link;
    element('invite-dialog', HTMLDialogElement).showModal();
    text.select();
  }
}
