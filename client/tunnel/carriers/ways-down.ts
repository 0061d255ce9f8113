/** How records come down by HTTP. */
import type { WayDown } from './http-carrier.ts';
import { RefusedError } from './http-requests.ts';

/** A poll that got lost on its way is asked for again, with the same number: the same answer comes. */
const POLL_RETRIES = 2;
const RETRY_MS = 200;

/** One answer that does not end. */
export const byStream: WayDown = async (ask, handleBytes) => {
  const { body } = await ask('stream');
  const reader = body?.getReader();
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) handleBytes(part.value);
};

/** One short answer after the other: asking for the next one says that the one before has arrived. */
export const byPolls: WayDown = async (ask, handleBytes) => {
  let lost = 0;
  for (let number = 1; ; ) {
    try {
      const answer = await ask('poll', number);
      handleBytes(new Uint8Array(await answer.arrayBuffer()));
      number++;
      lost = 0;
    } catch (error) {
      if (error instanceof RefusedError || ++lost > POLL_RETRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
};
