/** How large a meeting's state may become. With all of them reached at once, it still fits into one frame between routers. */

/** Also those who are in rooms. */
export const MAX_PEOPLE = 4_000;
export const MAX_WAITING = 1_000;
export const MAX_SPOTLIGHTED = 9;
export const MAX_CHAT_MESSAGES = 200;
/** UTF-8, of texts and names of all messages together. */
export const MAX_CHAT_BYTES = 64 * 1024;
/** UTF-8, of one text. */
export const MAX_TEXT_BYTES = 2 * 1024;
export const MAX_ROOMS = 50;
/** Those who were removed or refused and are to stay outside; the oldest are forgotten. */
export const MAX_REMOVED = 1_000;
/** UTF-16 units, as clients may give. */
export const MAX_NAME = 80;
/** Of ids of meetings, participants and acts. */
export const MAX_ID = 64;
/** Of ids of routers, which other zones' are told apart by `{zone}/{router}`, and of controllers' processes. */
export const MAX_QUALIFIED_ID = 129;
/** Acts that have been done, by which one that comes again is known. */
export const MAX_REMEMBERED_ACTS = 4_096;
/** Of those who applied acts before, see `lineage.ts`. */
export const MAX_TERMS = 64;
/** Acts on their way through one router, of one meeting. */
export const MAX_ACTS_IN_FLIGHT = 1_000;
/** People in one act of a router, who come back or leave together. */
export const MAX_BATCH = 500;
/** In one step: all people at once, and those who waited. */
export const MAX_STEP_CHANGES = 2 * MAX_PEOPLE;
