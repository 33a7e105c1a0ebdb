/** What can be said of a digest. */
export const DIGEST_STATES = ['pending', 'sent', 'failed', 'empty', 'dropped'] as const
