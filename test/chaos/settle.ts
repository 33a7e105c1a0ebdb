import { setTimeout as wait } from 'node:timers/promises'
import type { Violation } from './evidence.ts'
import { type CrashPoint, type Member, startRun } from './processes.ts'
import { remainingWork } from './tables.ts'
import type { ChaosWorld } from './world.ts'

export interface Settled {
  /** When the leases of the claims that were ended early would have run out, by release. */
  readonly leases: ReadonlyMap<string, number>
  /** When nothing was left to do, or when it was waited for long enough. */
  readonly settledAt: number
  readonly violations: readonly Violation[]
}

/**
 * Brings all work to an end once everything works again. It kills all processes once more, ends the claims of dead
 * processes and the back-offs early, and runs until nothing is due. Then it stops the program as an admin would.
 *
 * @param byWorkers leaves the delivery to the workers: `run` dies as soon as it has made the digests
 */
export async function settle(
  world: ChaosWorld,
  members: readonly Member[],
  byWorkers: boolean,
): Promise<Settled> {
  await Promise.all(members.map(member => member.kill('kill')))
  const leases = await endClaimsBefore(world, Date.now())
  await Promise.all(members.map(member => member.ready()))
  const crash: CrashPoint | undefined = byWorkers ? { step: 'items-claimed', count: 1 } : undefined
  const deadline = Date.now() + PATIENCE
  let left: string | undefined = 'everything'
  let settledAt = Date.now()
  while (left && Date.now() < deadline) {
    await makeDue(world)
    await startRun(world, crash).result
    settledAt = Date.now()
    left = await remainingWork(world, settledAt)
    if (left) world.log(`left: ${left}`)
    if (left) await wait(1_000)
  }
  const last = await startRun(world).result
  const status = await Promise.all(members.map(member => member.stop()))
  return {
    leases,
    settledAt,
    violations: [
      ...(left ? [{ rule: 'never settled', about: left }] : []),
      ...(last?.sent === 0 && last.digests === 0
        ? []
        : [{ rule: 'a run after all was done', about: JSON.stringify(last) }]),
      ...status.flatMap((code, index) =>
        code === 0 ? [] : [{ rule: 'SIGTERM', about: `${members[index]?.name} ended with ${code}` }],
      ),
    ],
  }
}

/** Milliseconds: twice as long as a claim and a lease may take on a busy machine. */
const PATIENCE = 120_000

/** Ends the claims of processes that are all dead, so that nobody has to wait for their leases to run out. */
async function endClaimsBefore(
  { state, limits }: ChaosWorld,
  death: number,
): Promise<ReadonlyMap<string, number>> {
  const claims = await state.sql
    .selectFrom('digest_release')
    .select(['item_id', 'lease_until'])
    .where('state', '=', 'releasing')
    .where('lease_until', '<', death + limits.claimLease)
    .execute()
  await state.sql
    .updateTable('digest_release')
    .set({ lease_until: 0 })
    .where('state', '=', 'releasing')
    .where('lease_until', '<', death + limits.claimLease)
    .execute()
  return new Map(claims.map(row => [row.item_id, Number(row.lease_until)]))
}

/** Makes due what was put off, perhaps for minutes. */
async function makeDue({ state }: ChaosWorld): Promise<void> {
  const now = Date.now()
  await state.sql
    .updateTable('digest_release')
    .set({ next_attempt_at: now })
    .where('state', '=', 'queued')
    .where('next_attempt_at', '>', now)
    .execute()
  await state.sql
    .updateTable('digest_digest')
    .set({ next_attempt_at: now })
    .where('state', '=', 'pending')
    .where('next_attempt_at', '>', now)
    .execute()
}
