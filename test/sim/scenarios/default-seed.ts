/** What scenarios run with unless somebody asks for another. */
export const DEFAULT_SEED = 8867;
