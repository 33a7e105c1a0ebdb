import type { Actor } from '../../ground/audit/record.ts'
import { domainOf } from '../../ground/directory/reader-address.ts'
import { CodedError } from '../../ground/errors.ts'

/**
 * The domains that somebody may see and change, as A-labels in lower case. Undefined: every domain, and the settings
 * common to all.
 */
export type Reach = readonly string[] | undefined

/** The author of a change on the command line, the admin pages or the API, with how far they reach. */
export interface Editor {
  readonly actor: Actor
  readonly reach: Reach
}

/** Whether somebody's reach covers a reader (`alice@example.com`) or a domain (`@example.com`). */
export const reaches = (reach: Reach, scope: string): boolean =>
  reach === undefined || reach.includes(domainOf(scope))

/** @throws CodedError OUT_OF_REACH */
export function requireReach(reach: Reach, scope: string): void {
  if (reaches(reach, scope)) return
  throw new CodedError('OUT_OF_REACH', `${scope} is not in a domain that you look after.`)
}

/** Whether somebody may see and change all domains. */
export const reachesAll = (reach: Reach): boolean => reach === undefined

/** Only an admin of all domains may change what all domains share. @throws CodedError OUT_OF_REACH */
export function requireAll(reach: Reach): void {
  if (reachesAll(reach)) return
  throw new CodedError('OUT_OF_REACH', 'This concerns all domains, and you look after only some of them.')
}
