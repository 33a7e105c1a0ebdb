import { inTransaction } from '../../../ground/database/transaction.ts'
import { holdScopes } from '../../../work/settings/hold-scopes.ts'
import { withoutDirectory } from '../../../work/settings/standards.ts'
import type { ScheduleDeps } from '../schedules/change-schedules.ts'
import type { SettingsDeps } from './change-settings.ts'

/** What is needed to change a schedule together with settings. */
export type WithScheduleDeps = SettingsDeps & ScheduleDeps

/**
 * Changes a schedule and the settings of these scopes in one transaction. The caller sends any mails afterwards.
 *
 * @param work is called with dependencies that write within the transaction, and do not ask the directory
 */
export const withSchedule = <Result>(
  deps: WithScheduleDeps,
  scopes: readonly string[],
  work: (inside: WithScheduleDeps) => Promise<Result>,
): Promise<Result> =>
  inTransaction(deps.state, async sql => {
    const standard = withoutDirectory(deps.standard)
    const inside = { ...deps, standard, state: { ...deps.state, sql } }
    await holdScopes(inside.state, scopes)
    return work(inside)
  })
