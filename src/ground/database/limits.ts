/** As many as an admin or a key may have: each is a part of one condition, and SQLite takes 1000. */
export const MOST_DOMAINS = 500
