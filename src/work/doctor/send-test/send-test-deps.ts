import type { Kysely } from 'kysely'
import type { HeldMailFilter } from '../../../ground/amavis/held-mail-between.ts'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import type { Directory } from '../../../ground/directory/directory.ts'
import type { Submitted, SubmittedMail } from '../../../ground/mail/submission.ts'
import type { DeliverDeps } from '../../digest/send/deliver.ts'
import type { ReleaseDeps } from '../../release/release-message.ts'
import type { Standards } from '../../settings/standards.ts'
import type { ReachesMailboxDeps } from './reaches-mailbox.ts'

export interface SendTestDeps extends Partial<ReachesMailboxDeps> {
  readonly storage: Kysely<AmavisTables>
  readonly directory: Directory
  /** The mail that collecting takes. */
  readonly filter: HeldMailFilter
  readonly standard: Standards
  readonly delivery: () => DeliverDeps
  readonly releases: ReleaseDeps
  readonly clock: () => number
  /** The address of `smtp.from`. */
  readonly sender: string
  /** Hands a mail to the filter. */
  readonly submit: (mail: SubmittedMail) => Promise<Submitted>
  /** Where `submit` hands it to, and who said so: `smtp://127.0.0.1:10024, as --through says`. */
  readonly through: string
  /** A sentence about the database that amavisd's configuration names, if it is not the one that we read. */
  readonly otherDatabase: string | undefined
}
