/** Something that must never be, or must not last, is so. */
export class Violation extends Error {}
