/** A directory, as the program is configured with it: some addresses have a second reader. */
export const SECOND_READERS = {
  kind: 'sql',
  // Short, so that waiting messages are placed anew again and again.
  refresh: '5s',
  query: `SELECT :address AS reader
    UNION ALL SELECT CASE WHEN :address LIKE 'reader%3@example.com' THEN REPLACE(:address, 'reader', 'second-reader') END`,
} as const

/** Who reads the mail of an address, as the query says. */
export const readersOf = (recipient: string): readonly string[] =>
  /^reader\d*3@/.test(recipient) ? [recipient, `${SECOND}${recipient}`] : [recipient]

/** The address whose mail a reader reads. */
export const recipientOf = (reader: string): string =>
  reader.startsWith(SECOND) ? reader.slice(SECOND.length) : reader

const SECOND = 'second-'
