import type { Actor } from '../../ground/audit/record.ts'
import { domainOf } from '../../ground/directory/reader-address.ts'
import { CodedError } from '../../ground/errors.ts'

/** The domains that somebody may see and change, as A-labels in lower case; undefined: all, and what is common to all. */
export type Reach = readonly string[] | undefined

/** Who changes something by the command line, the admin page or the API: for the audit, and how far they reach. */
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

/** Whether somebody looks after all domains. */
export const reachesAll = (reach: Reach): boolean => reach === undefined

/** What holds for all domains is for those who look after all. @throws CodedError OUT_OF_REACH */
export function requireAll(reach: Reach): void {
  if (reachesAll(reach)) return
  throw new CodedError('OUT_OF_REACH', 'This concerns all domains; you look after some of them.')
}
