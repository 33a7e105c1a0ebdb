import { setTimeout as wait } from 'node:timers/promises'
import type { Violation } from './invariants.ts'
import { type Member, startRun } from './processes.ts'
import { leftOver } from './tables.ts'
import type { ChaosWorld } from './world.ts'

export interface Settled {
  /** Until when the claims would have lasted that were ended early, by item. */
  readonly leases: ReadonlyMap<string, number>
  readonly violations: readonly Violation[]
}

/**
 * Everything works again: kills all processes once more, lets the time pass for which the claims of the dead and
 * the back-offs would last, and runs until nothing is due. Then ends the program as an admin does.
 */
export async function settle(
  world: ChaosWorld,
  members: readonly Member[],
  patience = 90_000,
): Promise<Settled> {
  await Promise.all(members.map(member => member.kill('kill')))
  const leases = await endClaimsBefore(world, Date.now())
  await Promise.all(members.map(member => member.ready()))
  const deadline = Date.now() + patience
  let left: string | undefined = 'everything'
  while (left && Date.now() < deadline) {
    await makeQueuedDue(world)
    await startRun(world).result
    left = await leftOver(world)
    if (left) world.log(`left: ${left}`)
    if (left) await wait(500)
  }
  const last = await startRun(world).result
  const status = await Promise.all(members.map(member => member.stop()))
  return {
    leases,
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

/** All who made these claims are dead: nobody has to wait for the end of their leases. */
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

async function makeQueuedDue({ state }: ChaosWorld): Promise<void> {
  await state.sql
    .updateTable('digest_release')
    .set({ next_attempt_at: 0 })
    .where('state', '=', 'queued')
    .execute()
}
