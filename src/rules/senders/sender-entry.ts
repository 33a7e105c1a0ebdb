/**
 * Whose mail an entry lets through or holds: `bob@example.com`, `@example.com`, or with its subdomains `@.example.com`.
 * As amavisd looks it up: lower case, A-labels, a local part without quotes.
 */
export type SenderPattern = string

/** What becomes of a sender's mail. */
export type SenderList = 'allow' | 'block'

/** One line of the lists of an address. */
export interface SenderEntry {
  readonly sender: SenderPattern
  readonly list: SenderList
}
