import { senderDesk } from '../../desks/senders/sender-desk.ts'
import type { Config } from '../../ground/config/schema.ts'
import type { SenderDeps } from '../../work/senders/sender-deps.ts'
import { senderListsOf } from './sender-lists-of.ts'

/** The desk of allow and block lists. */
export const sendersOf = (
  config: Config,
  { sharedDeps }: { readonly sharedDeps: Pick<SenderDeps, 'storage' | 'state' | 'directory' | 'clock'> },
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
