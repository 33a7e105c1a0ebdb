/** How many domains an admin or an API key may have. Each is one term of a condition, and SQLite allows 1000 terms. */
export const MAX_DOMAINS = 500

/**
 * How long a connection stays open that nobody uses, in milliseconds. Another process, or our other pool, may need its
 * place: a server that allows no more is asked for ten seconds.
 */
export const IDLE_TIME = 5_000
