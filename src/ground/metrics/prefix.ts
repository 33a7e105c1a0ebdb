/** The prefix of all our metrics. */
export const PREFIX = 'amavis_digest_'
