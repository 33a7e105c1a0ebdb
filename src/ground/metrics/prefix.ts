/** Begins the name of each of our metrics. */
export const PREFIX = 'amavis_digest_'
