import { senderDesk } from '../../desks/senders/sender-desk.ts'
import type { Config } from '../../ground/config/schema.ts'
import type { workOf } from '../work-of.ts'
import { senderListsOf } from './sender-lists-of.ts'

/** The desk of allow and block lists. */
export const sendersOf = (
  config: Config,
  { sharedDeps }: Pick<ReturnType<typeof workOf>, 'sharedDeps'>,
  stack: AsyncDisposableStack,
) =>
  senderDesk({
    ...sharedDeps,
    senderLists: senderListsOf(config, stack),
    readersKeepLists: config.senders.readers,
    ownDomains: config.admins.flatMap(admin => ('domains' in admin ? (admin.domains ?? []) : [])),
    mostEntries: config.senders.most,
    recipientDelimiter: config.directory.recipientDelimiter,
  })
