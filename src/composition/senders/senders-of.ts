import { senderDesk } from '../../desks/senders/sender-desk.ts'
import type { Config } from '../../ground/config/schema.ts'
import { domainName, domainOf } from '../../ground/directory/reader-address.ts'
import { senderAddress } from '../../ground/mail/smtp.ts'
import type { SenderDeps } from '../../work/senders/sender-deps.ts'
import { senderListsOf } from './sender-lists-of.ts'

/** The desk of allow and block lists. */
export const sendersOf = (
  config: Config,
  {
    sharedDeps,
  }: { readonly sharedDeps: Pick<SenderDeps, 'storage' | 'state' | 'directory' | 'clock' | 'log'> },
  stack: AsyncDisposableStack,
) =>
  senderDesk({
    ...sharedDeps,
    senderLists: senderListsOf(config, stack),
    readersKeepLists: config.senders.readers,
    ownDomains: ownDomainsOf(config),
    mostEntries: config.senders.most,
    recipientDelimiter: config.directory.recipientDelimiter,
  })

/** The domains that the configuration names, and that from which the digests come. */
function ownDomainsOf({ admins, smtp }: Config): readonly string[] {
  const sending = domainName(domainOf(senderAddress(smtp)))
  const named = admins.flatMap(admin => ('domains' in admin ? (admin.domains ?? []) : []))
  return sending === undefined ? named : [sending, ...named]
}
