/** What allowing and blocking senders needs in amavisd's own tables, as in its guide. */
export const SENDERS_RIGHTS: ReadonlyMap<string, string> = new Map([
  ['users', 'SELECT, INSERT'],
  ['policy', 'SELECT, INSERT'],
  ['mailaddr', 'SELECT, INSERT'],
  ['wblist', 'SELECT, INSERT, UPDATE, DELETE'],
])

/** PostgreSQL gives new rows their ids by these. */
export const SENDERS_SEQUENCES = ['users_id_seq', 'policy_id_seq', 'mailaddr_id_seq']
