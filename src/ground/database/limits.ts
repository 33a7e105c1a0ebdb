/** How many domains an admin or an API key may have. Each is one term of a condition, and SQLite allows 1000 terms. */
export const MAX_DOMAINS = 500
