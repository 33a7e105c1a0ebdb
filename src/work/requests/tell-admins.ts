import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { findHeldMail, heldMailKeyOf } from '../../ground/amavis/held-mail.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import type { RequestTerms } from '../../ground/config/options/requests-options.ts'
import type { Database } from '../../ground/database/database.ts'
import { readerAddress } from '../../ground/directory/reader-address.ts'
import { MINUTE, SECOND } from '../../ground/durations.ts'
import type { Locales } from '../../ground/i18n/locales.ts'
import type { Mailer } from '../../ground/mail/mailer.ts'
import type { PlainMail } from '../../ground/mail/plain-mail.ts'
import { readValue, replaceValue, valuesUnder, writeValue } from '../../ground/state/named-values.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { type ConfiguredAdmin, getsRequests } from '../../rules/reach/admins.ts'
import { countOf } from '../stuck/count.ts'
import { adminLetter, MOST_LISTED } from './admin-letter.ts'
import { withReaders } from './request-rows.ts'
import { waitingInReach } from './waiting-requests.ts'

export interface TellAdminsDeps {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  /** The admins of the configuration. */
  readonly admins: readonly ConfiguredAdmin[]
  readonly requestTerms: Pick<RequestTerms, 'mailEvery'>
  readonly publicUrl: string
  /** In which language and time zone admins are written to. */
  readonly standard: { readonly language: string; readonly timeZone: string }
  readonly locales: Locales
  readonly plainMail: PlainMail
  readonly mailer: Pick<Mailer, 'send'>
  readonly clock: () => number
  readonly log: Logger
}

/**
 * Writes to each admin within whose domains somebody has asked for a message since the last such mail: one mail, which
 * lists all that waits, and at most one every `requests.mailEvery`, whatever readers do and however many processes run.
 */
export async function tellAdmins(deps: TellAdminsDeps): Promise<void> {
  const now = deps.clock()
  const newest = await lastAsked(deps)
  if (newest === undefined) return
  const covered = await valuesUnder(deps.state, COVERED).select(['name', 'value']).execute()
  const times = new Map(covered.map(({ name, value }) => [name, Number(value)]))
  for (const admin of deps.admins.filter(getsRequests)) {
    const seen = times.get(namesOf(admin).covered)
    if (isUpToDate(deps, seen, newest, now)) continue
    if (!(await hasNew(deps, admin, seen, now))) continue
    await tellInTurn(deps, admin, now)
  }
}

/** When somebody has last asked for a message that waits. */
async function lastAsked({ state }: TellAdminsDeps): Promise<number | undefined> {
  const row = await waitingInReach(state, undefined)
    .select('asked_at')
    .orderBy('asked_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && Number(row.asked_at)
}

/** @param seen until when the last mail covers the requests */
function isUpToDate(
  { requestTerms }: TellAdminsDeps,
  seen: number | undefined,
  newest: number,
  now: number,
): boolean {
  // A time that is ahead was written by a wrong clock.
  if (seen === undefined || seen > now) return false
  return newest <= seen || now - SETTLED - seen < requestTerms.mailEvery
}

/** Milliseconds until a request counts: by then, its row is there for certain. */
const SETTLED = SECOND

async function hasNew(
  { state }: TellAdminsDeps,
  { domains }: ConfiguredAdmin,
  seen: number | undefined,
  now: number,
): Promise<boolean> {
  const row = await waitingInReach(state, domains)
    .select('request_id')
    .where('asked_at', '>', seen === undefined || seen > now ? 0 : seen)
    .where('asked_at', '<=', now - SETTLED)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** A process that dies while it writes to an admin is followed by another one after a minute. */
async function tellInTurn(deps: TellAdminsDeps, admin: ConfiguredAdmin, now: number): Promise<void> {
  const { state, requestTerms } = deps
  const { turn, covered } = namesOf(admin)
  const until = await readValue(state, turn)
  if (until !== undefined && until > now && until <= now + TURN) return
  if (!(await replaceValue(state, turn, until, now + TURN))) return
  // Another process may have written a moment ago.
  const seen = await readValue(state, covered)
  if (seen !== undefined && seen <= now && now - SETTLED - seen < requestTerms.mailEvery) return
  if (!(await send(deps, admin, now))) return
  await writeValue(state, covered, now - SETTLED)
  await writeValue(state, turn, now)
}

/** As long as an SMTP server may take; and the wait after it could not be reached. */
const TURN = MINUTE

/** @returns whether the SMTP server has it, or never will */
async function send(deps: TellAdminsDeps, admin: ConfiguredAdmin, now: number): Promise<boolean> {
  const { state, storage, standard, publicUrl } = deps
  const waiting = waitingInReach(state, admin.domains)
  const rows = await waiting
    .selectAll()
    .orderBy('asked_at')
    .orderBy('request_id')
    .limit(MOST_LISTED)
    .execute()
  const requests = await withReaders(state, rows)
  const mails = await findHeldMail(
    storage,
    requests.map(({ mail }) => mail),
  )
  const total = await countOf(state, waiting.select('state').limit(MOST_COUNTED))
  const words = deps.locales.wordsFor(standard.language)
  const letter = adminLetter(words, admin.address, {
    requests: requests.map(request => ({ request, mail: mails.get(heldMailKeyOf(request.mail)) })),
    total,
    url: pageOf(publicUrl, requests, total),
    place: { language: standard.language, timeZone: standard.timeZone, now },
  })
  const answer = await deps.mailer.send(deps.plainMail(words, letter))
  if (answer.outcome === 'accepted') return true
  deps.log.warn(
    { to: admin.address, reply: answer.reply },
    'an admin could not be told of requests that wait',
  )
  return answer.outcome === 'refused' || ('mayHaveArrived' in answer && answer.mayHaveArrived === true)
}

const MOST_COUNTED = 10_000

/** The only request that waits has the buttons on its own page. */
function pageOf(publicUrl: string, [only]: readonly { readonly id: string }[], total: number): string {
  const list = `${publicUrl}/admin/requests`
  return only && total === 1 ? `${list}/${only.id}` : list
}

/** Names are short: of an address, a hash. */
function namesOf({ address }: ConfiguredAdmin): { readonly covered: string; readonly turn: string } {
  const hash = createHash('sha256')
    .update(readerAddress(address) ?? address)
    .digest('base64url')
    .slice(0, 20)
  return { covered: `${COVERED}${hash}`, turn: `requests-telling/${hash}` }
}

/** Until when the last mail to an admin covers the requests. */
const COVERED = 'requests-told/'
