import { CodedError } from '../../../ground/errors.ts'
import { parseHeldRef } from '../../../work/collect/held-ref.ts'
import type { ListedHeld } from '../../../work/quarantine/held-list.ts'
import type { HeldName } from '../../../work/quarantine/held-named.ts'
import type { App } from '../../app.ts'
import { wholeNumber } from '../whole-number.ts'
import { commandLineViewer } from './command-line-viewer.ts'

/** How a command names a message. */
export interface NameOptions {
  readonly recipient?: string
  readonly partitionTag?: string
}

/**
 * The recipients of one message.
 *
 * @throws CodedError HELD_UNKNOWN; USAGE where partitions have messages of the same id
 */
export async function namedHeld(
  app: App,
  mailId: string,
  options: NameOptions,
): Promise<readonly [ListedHeld, ...ListedHeld[]]> {
  const name = nameOf(mailId, options)
  const [first, ...others] = await app.quarantine.named(commandLineViewer(), name)
  if (!first) throw unknown(name)
  const tags = new Set([first, ...others].map(({ ref }) => parseHeldRef(ref)?.partitionTag))
  if (tags.size === 1) return [first, ...others]
  const flags = [...tags].map(tag => `--partition-tag ${tag}`).join(' or ')
  throw new CodedError('USAGE', `${tags.size} messages have the mail id ${mailId}. Say which one: ${flags}.`)
}

/**
 * One message for one recipient.
 *
 * @throws CodedError HELD_UNKNOWN, USAGE
 */
export async function oneNamedHeld(app: App, mailId: string, options: NameOptions): Promise<ListedHeld> {
  const [held, ...others] = await namedHeld(app, mailId, options)
  if (others.length === 0) return held
  throw new CodedError(
    'USAGE',
    `The message has recipients that differ by case alone: write --recipient as "held show ${mailId}" does.`,
  )
}

const nameOf = (mailId: string, { recipient, partitionTag }: NameOptions): HeldName => ({
  mailId,
  recipient,
  partitionTag: partitionTag === undefined ? undefined : wholeNumber('--partition-tag', partitionTag, TAGS),
})

/** What amavis's tables can hold. */
const TAGS = { least: -(2 ** 31), most: 2 ** 31 - 1 }

function unknown({ mailId, recipient, partitionTag }: HeldName): CodedError {
  const whose = recipient === undefined ? '' : ` for ${recipient}`
  const where = partitionTag === undefined ? '' : ` in partition ${partitionTag}`
  return new CodedError('HELD_UNKNOWN', `amavisd has no message ${mailId}${whose}${where}. ${WHERE_IN_LOG}`)
}

const WHERE_IN_LOG =
  'It names both in its log: "mail_id: …" and "-> <recipient>"; and "amavis-digest held list" shows what is held.'
