/** Simulcast (RFC 8853) of a source: which of the offered rids we take. */
import { parseSimulcastStreamList } from 'sdp-transform';
import type { OfferedMedia } from './parse-offer.ts';

/** Browsers send up to three; what is beyond is not answered, so it is not sent (RFC 8853 section 5.3.2). */
const MAX_RIDS = 4;

/**
 * The rids that the client offers to send, in its order; empty when it offers no simulcast. Of alternatives
 * ("a,b") the first is taken; "~" (starts paused) makes no difference.
 */
export function acceptRids(offered: OfferedMedia): readonly string[] {
  const { simulcast, rids } = offered.description;
  const list = simulcast?.dir1 === 'send' ? simulcast.list1 : simulcast?.dir2 === 'send' ? simulcast.list2 : undefined;
  if (list === undefined) return [];
  // The parser makes numbers of what looks like one, whatever its types say: hence String().
  const sent = new Set((rids ?? []).filter(({ direction }) => direction === 'send').map(({ id }) => String(id)));
  const taken = new Set<string>();
  for (const [first] of parseSimulcastStreamList(String(list))) {
    const rid = String(first?.scid ?? '');
    // RFC 8852 section 3: letters and digits; browsers take "_" as well. The header has room for 16 in the one-byte form.
    if (/^\w{1,16}$/.test(rid) && sent.has(rid) && taken.size < MAX_RIDS) taken.add(rid);
  }
  return [...taken];
}
