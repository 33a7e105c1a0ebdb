/** The most runs in a calendar. A calendar with this many was cut off: later runs are missing. */
export const MOST_RUNS = 500

export const MOST_DAYS = 31
