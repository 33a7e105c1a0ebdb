import type { Logger } from 'pino'
import type { HeldRow } from '../../ground/amavis/quarantine/held-rows.ts'
import { lacksItsEnd, quarantinedText } from '../../ground/amavis/quarantine/quarantined-text.ts'
import { recordAudit } from '../../ground/audit/record.ts'
import type { Gate } from '../../ground/concurrency/gate.ts'
import type { Database } from '../../ground/database/database.ts'
import { isOwnMessageId } from '../../ground/mail/message-id.ts'
import { divideMessage } from '../../ground/message/head/amavis-head.ts'
import { type AmavisFindings, hasVirus } from '../../ground/message/head/findings.ts'
import type { MessageReader } from '../../ground/message/message-reader.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { reachesAll } from '../../rules/reach/reach.ts'
import { mayInQuarantine, type Viewer } from '../../rules/reach/viewer.ts'
import { heldIdOf } from '../collect/item-id.ts'
import type { HeldForDeps } from '../quarantine/held-for.ts'
import type { NotShown } from './opened-held.ts'

export interface ReadingDeps extends HeldForDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
  /** Whether machines that read digests are looked out for. */
  readonly canary: boolean
  /** The domain of our own Message-IDs. */
  readonly domain: string
  readonly log: Logger
  readonly messages: MessageReader
  /** How many messages are in memory at once. */
  readonly turns: Gate
  /** A larger message is not read. */
  readonly mostOctets: number
  /** Whether readers may see the headers of their messages. */
  readonly readersSeeHeaders: boolean
}

/** A held message, as far as the viewer may read it. */
export interface HeldOctets {
  /** Undefined where the quarantine has no text of it, or its head is not certainly amavisd's. */
  readonly findings: AmavisFindings | undefined
  readonly message:
    | {
        readonly is: 'whole'
        /** Everything that the quarantine has, amavisd's head included. */
        readonly octets: Uint8Array<ArrayBuffer>
        /** Where what its sender sent begins. */
        readonly messageAt: number
      }
    | { readonly is: 'not-shown'; readonly why: NotShown }
}

/**
 * Reads the message of rows that `heldFor` gave. A virus is read for an admin of all domains who may open it, and that
 * is in the audit before anything is shown. It counts as a virus if it is one for any recipient. A mail of our own is
 * shown to nobody: its links let whoever has them sign in or release mail as its recipient.
 */
export async function heldOctets(
  deps: ReadingDeps,
  viewer: Viewer,
  rows: readonly HeldRow[],
): Promise<HeldOctets> {
  const [row] = rows
  if (!row) return notShown('not-in-sql')
  const text = await quarantinedText(deps.storage, row, deps.mostOctets)
  if (text.is === 'not-in-sql') return notShown('not-in-sql')
  const { messageAt, findings } = divideMessage(text.octets, row.mailId)
  if (isOwnMessageId(row.messageId, deps.domain)) return notShown('own', findings)
  const isVirus = hasVirus(findings) || rows.some(isVirusRow)
  if (isVirus && !mayOpenVirus(viewer)) return notShown('virus', findings)
  if (text.is !== 'whole') return notShown(text.is, findings)
  if (lacksItsEnd(text, messageAt, row.size)) return notShown('damaged', findings)
  if (isVirus) await auditVirus(deps, viewer, row)
  return { findings, message: { is: 'whole', octets: text.octets, messageAt } }
}

const notShown = (why: NotShown, findings?: AmavisFindings): HeldOctets => ({
  findings,
  message: { is: 'not-shown', why },
})

/** Scanning may be switched off for one recipient: the message has the virus all the same. */
const isVirusRow = ({ kind, messageKind }: HeldRow): boolean => kind === 'virus' || messageKind === 'virus'

const mayOpenVirus = (viewer: Viewer): boolean =>
  viewer.as === 'admin' && reachesAll(viewer.reach) && mayInQuarantine(viewer, 'virus')

const auditVirus = ({ state, clock }: ReadingDeps, { actor }: Viewer, row: HeldRow): Promise<void> =>
  recordAudit(
    state,
    {
      actor,
      action: 'open-virus',
      itemId: heldIdOf(row),
      recipient: row.recipient,
      outcome: 'opened',
    },
    clock(),
  )
