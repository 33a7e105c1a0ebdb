import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import { HOUR } from '../../../ground/durations.ts'
import { firstIdAt, timeOfId } from '../../../ground/state/id.ts'
import { digestsDueBy } from '../../../ground/state/pending-digests.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { DueDigests } from './due-digests.ts'
import { HELD_BACK_FOR } from './hold-back.ts'

/** The digests that are counted, even if other processes send them. */
export interface DigestsToWatch extends DueDigests {
  /** Those of this run … */
  readonly runId?: string | undefined
  /** … and those that were due before it, by their ids. */
  readonly dueBefore?: readonly string[] | undefined
}

export interface WatchedDigests {
  /** This process has attempted a digest. */
  isOurs(digestId: string, wasSent: boolean): void
  /** What has become by now of those that this process has not attempted. */
  outcomesElsewhere(): Promise<OutcomesElsewhere>
}

/**
 * Watches the digests of a run, and those that are due. Those of a run may be a million: they are counted, and only
 * those that this process could not send are remembered.
 */
export async function watchDigests(
  state: Database<StateTables>,
  { runId, dueBefore = [], ...due }: DigestsToWatch,
): Promise<WatchedDigests> {
  const notOurs = new Set([...dueBefore, ...(await dueDigestIds(state, due, runId))])
  const ofRun = runId === undefined ? 0 : await countOfRun(state, runId)
  let sentOfRun = 0
  const unsentOfRun = new Set<string>()
  return {
    isOurs(digestId, wasSent) {
      if (notOurs.delete(digestId)) return
      if (wasSent) sentOfRun += 1
      else unsentOfRun.add(digestId)
    },
    async outcomesElsewhere() {
      const others = await outcomesOf(state, notOurs, due.dueAt)
      if (runId === undefined || sentOfRun + unsentOfRun.size >= ofRun) return others
      const ours = await outcomesOf(state, unsentOfRun, due.dueAt)
      const all = await outcomesOfRun(state, runId, due.dueAt)
      return sum(others, difference(all, { ...ours, sent: ours.sent + sentOfRun }))
    },
  }
}

/**
 * The ids of the digests that are due, in whoever's hands they are; without copies.
 * @param otherThan leaves the digests of this run out
 */
export async function dueDigestIds(
  state: Database<StateTables>,
  { dueAt, readers }: DueDigests,
  otherThan?: string,
): Promise<string[]> {
  const rows = await digestsDueBy(state, dueAt)
    .select('digest_id')
    .where('copy_of', 'is', null)
    .$if(readers !== undefined, query => query.where('reader', 'in', readers ?? []))
    .$if(otherThan !== undefined, query => query.where('run_id', '!=', otherThan ?? ''))
    .execute()
  return rows.map(row => row.digest_id)
}

/** What other processes have done with digests: how many. */
export interface OutcomesElsewhere {
  readonly sent: number
  readonly failed: number
  /** To be tried again later. */
  readonly putOff: number
  /** Left for later without an attempt, because amavisd cannot be asked to release. */
  readonly heldBack: number
  /** Leased, and not sent yet. */
  readonly onTheirWay: number
}

const NOTHING: OutcomesElsewhere = { sent: 0, failed: 0, putOff: 0, heldBack: 0, onTheirWay: 0 }

/** The digests that a run has made, without copies, even if another process has sent them already. */
const digestsOfRun = ({ sql }: Database<StateTables>, runId: string) =>
  sql
    .selectFrom('digest_digest')
    .where('run_id', '=', runId)
    .where('copy_of', 'is', null)
    // Along the key, which begins with the time: there is no index on the run. The clocks of two hosts may differ.
    .where('digest_id', '>', firstIdAt(timeOfId(runId) - HOUR))

async function countOfRun(state: Database<StateTables>, runId: string): Promise<number> {
  const { number } = await digestsOfRun(state, runId)
    .select(({ fn }) => fn.countAll().as('number'))
    .executeTakeFirstOrThrow()
  return Number(number)
}

/** @param dueAt until when they were due: a digest that is due later was put off */
async function outcomesOf(
  { sql }: Database<StateTables>,
  digestIds: ReadonlySet<string>,
  dueAt: number,
): Promise<OutcomesElsewhere> {
  let outcomes = NOTHING
  for (const chunk of chunks([...digestIds])) {
    const rows = await withStanding(sql.selectFrom('digest_digest').where('digest_id', 'in', chunk), dueAt)
    outcomes = sum(outcomes, outcomesIn(rows))
  }
  return outcomes
}

const outcomesOfRun = async (
  state: Database<StateTables>,
  runId: string,
  dueAt: number,
): Promise<OutcomesElsewhere> => outcomesIn(await withStanding(digestsOfRun(state, runId), dueAt))

type Standing = 'leased' | 'due' | 'held back' | 'put off'

/** How many of these digests there are in each state and, of those that are pending, of each standing. */
const withStanding = (digests: ReturnType<typeof digestsOfRun>, dueAt: number) =>
  digests
    .select(({ fn }) => ['state', fn.countAll().as('number')])
    .select(row =>
      row
        .case()
        .when('lease_owner', 'is not', null)
        .then<Standing>('leased')
        .when('next_attempt_at', '<=', dueAt)
        .then<Standing>('due')
        .when('reply', 'like', `${HELD_BACK_FOR}%`)
        .then<Standing>('held back')
        .else<Standing>('put off')
        .end()
        .as('standing'),
    )
    .groupBy(['state', 'standing'])
    .execute()

function outcomesIn(rows: Awaited<ReturnType<typeof withStanding>>): OutcomesElsewhere {
  const count = (isCounted: (row: (typeof rows)[number]) => boolean) =>
    rows.filter(isCounted).reduce((total, row) => total + Number(row.number), 0)
  const pending = (standing: Standing) => count(row => row.state === 'pending' && row.standing === standing)
  return {
    sent: count(({ state }) => state === 'sent'),
    failed: count(({ state }) => state === 'failed'),
    putOff: pending('put off'),
    heldBack: pending('held back'),
    onTheirWay: pending('leased'),
  }
}

const sum = (a: OutcomesElsewhere, b: OutcomesElsewhere): OutcomesElsewhere => combined(a, b, (x, y) => x + y)

/** Never negative: what somebody does meanwhile may be in the one count and not in the other. */
const difference = (a: OutcomesElsewhere, b: OutcomesElsewhere): OutcomesElsewhere =>
  combined(a, b, (x, y) => Math.max(0, x - y))

const combined = (
  a: OutcomesElsewhere,
  b: OutcomesElsewhere,
  of: (x: number, y: number) => number,
): OutcomesElsewhere => ({
  sent: of(a.sent, b.sent),
  failed: of(a.failed, b.failed),
  putOff: of(a.putOff, b.putOff),
  heldBack: of(a.heldBack, b.heldBack),
  onTheirWay: of(a.onTheirWay, b.onTheirWay),
})
