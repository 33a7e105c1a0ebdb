import { sql } from 'kysely'

/** Whose mail is read or counted. */
export type Recipients =
  | { readonly are: 'all' }
  /** As amavis may have written them: `domainSpellings`. */
  | { readonly are: 'inDomains'; readonly domains: readonly string[] }
  /** `msgrcpt.rid`. */
  | { readonly are: 'ids'; readonly ids: readonly number[] }

/** The condition that a row of `msgrcpt` is theirs. No database takes an index for it. */
export function areTheirs(recipients: Recipients) {
  switch (recipients.are) {
    case 'all':
      return sql<boolean>`1 = 1`
    case 'inDomains':
      // A query for each row, so that no database reads all addresses.
      return recipients.domains.length === 0
        ? sql<boolean>`1 = 0`
        : sql<boolean>`(select domain from maddr where maddr.id = msgrcpt.rid) in (${sql.join(storedDomains(recipients.domains))})`
    case 'ids':
      return recipients.ids.length === 0
        ? sql<boolean>`1 = 0`
        : sql<boolean>`msgrcpt.rid + 0 in (${sql.join(recipients.ids)})`
  }
}

/**
 * Domains as `maddr.domain` has them, with the labels in reverse order: `com.example`. Source: find_or_save_addr of
 * amavisd 2.13.
 */
export const storedDomains = (domains: readonly string[]): string[] =>
  domains.map(domain => domain.split('.').reverse().join('.').slice(0, 255))
