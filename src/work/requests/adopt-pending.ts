import type { Kysely } from 'kysely'
import type { HeldMailRow } from '../../ground/amavis/held-mail-between.ts'
import { pendingBetween } from '../../ground/amavis/quarantine/pending-rows.ts'
import type { Retention } from '../../ground/amavis/retention.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import type { RequestTerms } from '../../ground/config/options/requests-options.ts'
import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../ground/durations.ts'
import { readValue, replaceValue, writeValue } from '../../ground/state/named-values.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { heldIdOf } from '../collect/item-id.ts'
import { isStorable } from '../collect/items.ts'
import { findReleases } from '../release/claims.ts'
import { openRequest } from './open-request.ts'
import { reopenRequest } from './reopen-request.ts'
import { lastRequests, type RequestRow } from './request-rows.ts'

export interface AdoptDeps {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  readonly retention: Retention
  readonly requestTerms: RequestTerms
  readonly clock: () => number
}

/**
 * Makes requests of the messages that another program has marked as asked for (`rs` = p), as Mailzu does. They have no
 * readers. What came within the last two days is looked through every few minutes, and each time a part of what is
 * older, so that a day goes over all of it. One process does so at a time; it rests a hundred times as long as it took.
 *
 * It does so whatever the policies say: a reader who would release such a message is told that an admin decides.
 */
export async function adoptPending(deps: AdoptDeps, signal: AbortSignal): Promise<void> {
  const { state, clock } = deps
  const now = clock()
  const due = await readValue(state, LOOK_DUE)
  // A time that is far ahead was written by a wrong clock.
  if (due !== undefined && due > now && due <= now + LONGEST_REST) return
  if (!(await replaceValue(state, LOOK_DUE, due, now + LONGEST_REST))) return
  const begun = performance.now()
  await adoptBetween(deps, now - RECENT, now, signal)
  await adoptOlder(deps, now, signal)
  const rest = Math.max(SHORTEST_REST, (performance.now() - begun) * 100)
  await writeValue(state, LOOK_DUE, now + Math.ceil(Math.min(rest, LONGEST_REST)))
}

/** When it is looked for next. */
const LOOK_DUE = 'requests-look-due'

const RECENT = 2 * DAY
const SHORTEST_REST = 20 * SECOND
const LONGEST_REST = 10 * MINUTE

/** The part of the older mail whose turn it is: as much of it as of the day has passed since the last time. */
async function adoptOlder(deps: AdoptDeps, now: number, signal: AbortSignal): Promise<void> {
  const { state, retention } = deps
  const newest = now - RECENT
  const span = retention.longest - RECENT
  if (span <= 0) return
  const lookedAt = await readValue(state, LOOKED_AT)
  await writeValue(state, LOOKED_AT, now)
  const passed = lookedAt === undefined || lookedAt > now ? MINUTE : now - lookedAt
  const reached = (await readValue(state, OLDER)) ?? newest
  const to = reached > newest || reached <= newest - span ? newest : reached
  const from = Math.max(newest - span, to - Math.min(DAY, Math.ceil((span * passed) / DAY)))
  await adoptBetween(deps, from, to, signal)
  if (!signal.aborted) await writeValue(state, OLDER, from)
}

/** When a part of the older mail was looked through last, and how far back that went. */
const LOOKED_AT = 'requests-looked-at'
const OLDER = 'requests-looked-back-to'

async function adoptBetween(deps: AdoptDeps, from: number, to: number, signal: AbortSignal): Promise<void> {
  // amavisd's clock may be ahead of ours.
  const last = to < deps.clock() - MINUTE ? Math.ceil(to / SECOND) : undefined
  let span = LEAST_AT_ONCE
  for (let start = from; start < to && !signal.aborted; ) {
    const end = start + span
    const begun = performance.now()
    const until = end < to ? Math.floor(end / SECOND) : last
    const rows = await pendingBetween(deps.storage, Math.max(0, Math.floor(start / SECOND)), until)
    for (const chunk of chunks(rows.filter(isStorable))) await adopt(deps, chunk)
    span = performance.now() - begun < QUICK ? Math.min(2 * span, MOST_AT_ONCE) : LEAST_AT_ONCE
    start = end
  }
}

/**
 * How much mail is looked through at once. Where little comes, two days take a dozen statements instead of 49. Where
 * much comes, more than an hour would keep the database busy for seconds.
 */
const LEAST_AT_ONCE = HOUR
const MOST_AT_ONCE = 6 * HOUR

/** Milliseconds within which a look has cost the database little. */
const QUICK = 10

async function adopt(deps: AdoptDeps, rows: readonly HeldMailRow[]): Promise<void> {
  const heldIds = rows.map(heldIdOf)
  const requests = await lastRequests(deps.state, heldIds)
  const releases = await findReleases(deps.state, heldIds)
  for (const row of rows) {
    const heldId = heldIdOf(row)
    const known = requests.get(heldId)
    const release = releases.get(heldId)
    if (isOurs(known) || release?.state === 'released' || release?.state === 'releasing') continue
    if (known?.state === 'gone') await reopenRequest(deps, known)
    else await openRequest(deps, row, [], deps.clock())
  }
}

/** The p is of a request of ours that waits, or that has ended and not yet taken it back. */
const isOurs = (request: RequestRow | undefined): boolean =>
  request !== undefined && (request.state === 'waiting' || !request.isMarked)
