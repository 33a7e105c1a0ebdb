import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { findHeldMail, type HeldMail, heldMailKeyOf } from '../../ground/amavis/held-mail.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import type { Database } from '../../ground/database/database.ts'
import { canGetMail } from '../../ground/directory/can-get-mail.ts'
import type { Directory } from '../../ground/directory/directory.ts'
import { findUnlessAway } from '../../ground/directory/unless-away.ts'
import { DAY, MINUTE } from '../../ground/durations.ts'
import type { Locales } from '../../ground/i18n/locales.ts'
import type { Mailer } from '../../ground/mail/mailer.ts'
import type { PlainMail } from '../../ground/mail/plain-mail.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { publishStep } from '../../ground/steps.ts'
import { standingsOf } from '../digest/make/standing.ts'
import { readerSettings } from '../settings/read-settings.ts'
import type { Standards } from '../settings/standards.ts'
import { readerLetter } from './reader-letter.ts'
import type { AskedReader, RequestRow } from './request-rows.ts'
import type { Tidings } from './tidings.ts'

export interface TellReadersDeps {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  readonly directory: Directory
  readonly standard: Standards
  readonly locales: Locales
  readonly plainMail: PlainMail
  readonly mailer: Pick<Mailer, 'send'>
  /** Whom readers can ask. */
  readonly contact: string | undefined
  readonly clock: () => number
  readonly log: Logger
}

/**
 * Tells each reader who asked, in their own language and mailbox, at most once. Who does not read the recipient's mail
 * any more is told nothing. It is written down before the mail is sent, and taken back if the mail cannot be sent.
 *
 * @returns when it is tried again for those who could not be told; null: all are told, or it is too late
 */
export async function tellReaders(
  deps: TellReadersDeps,
  request: RequestRow,
  tidings: Tidings,
): Promise<number | null> {
  const untold = request.asked.filter(({ told }) => told !== tidings)
  if (untold.length === 0) return null
  const now = deps.clock()
  const mail = (await findHeldMail(deps.storage, [request.mail])).get(heldMailKeyOf(request.mail))
  const standingOf = await standingsOf(
    { find: addresses => findUnlessAway(deps.directory, addresses) },
    untold.map(({ reader }) => ({ reader, recipient: request.recipient })),
  )
  let isDone = true
  for (const asked of untold) {
    const standing = standingOf({ reader: asked.reader, recipient: request.recipient })
    const mayGo = standing === 'reads' && canGetMail(asked.reader)
    const told =
      standing !== 'no answer' &&
      (!(await note(deps, request, asked, tidings)) ||
        !mayGo ||
        (await send(deps, request, asked, { mail, tidings })))
    isDone &&= told
  }
  return isDone || now - (request.endedAt ?? now) > TOLD_FOR ? null : now + TOLD_AGAIN_AFTER
}

/** Milliseconds. */
const TOLD_AGAIN_AFTER = MINUTE

/** How long it is tried: afterwards the reader knows it from the page. */
const TOLD_FOR = DAY

/** @returns whether this process is the one to send it */
async function note(
  { state }: TellReadersDeps,
  request: RequestRow,
  { reader, told }: AskedReader,
  tidings: Tidings,
): Promise<boolean> {
  const isOurs = await setTold(state, { id: request.id, reader, from: told, to: tidings })
  if (isOurs) publishStep('request-letter-claimed')
  return isOurs
}

/** @returns false when it has to be tried again */
async function send(
  deps: TellReadersDeps,
  request: RequestRow,
  { reader, told }: AskedReader,
  { mail, tidings }: { readonly mail: HeldMail | undefined; readonly tidings: Tidings },
): Promise<boolean> {
  const { language } = await readerSettings(deps.state, reader, deps.standard)
  const words = deps.locales.wordsFor(language)
  const { contact } = deps
  const letter = deps.plainMail(words, readerLetter(words, reader, { request, mail, tidings, contact }))
  const answer = await deps.mailer.send(letter)
  if (answer.outcome === 'accepted') return true
  deps.log.warn({ to: reader, reply: answer.reply }, 'a reader could not be told what became of a request')
  const mayHaveArrived = 'mayHaveArrived' in answer && answer.mayHaveArrived === true
  if (mayHaveArrived || answer.outcome === 'refused') return true
  await setTold(deps.state, { id: request.id, reader, from: tidings, to: told })
  return false
}

async function setTold(
  { sql }: Database<StateTables>,
  change: {
    readonly id: string
    readonly reader: string
    readonly from: string | null
    readonly to: string | null
  },
): Promise<boolean> {
  const result = await sql
    .updateTable('digest_request_reader')
    .set({ told: change.to })
    .where('request_id', '=', change.id)
    .where('reader', '=', change.reader)
    .where('told', change.from === null ? 'is' : '=', change.from)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}
