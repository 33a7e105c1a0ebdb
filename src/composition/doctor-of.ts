import { type CheckGroup, type Doctor, runChecks } from '../work/doctor/run-checks.ts'
import type { ReadinessChecks } from './readiness-checks.ts'

export interface DoctorDeps {
  /** What /readyz looks at, too. */
  readonly readiness: ReadinessChecks
}

/** Everything that doctor looks at. A new group is a file of its own, and one line here. */
export function doctorOf({ readiness }: DoctorDeps): Doctor {
  const groups: readonly CheckGroup[] = [
    { title: "amavisd's database", checks: [readiness.storage] },
    { title: 'Our own tables', checks: [readiness.state] },
    { title: 'Links and mails', checks: [readiness.queue, readiness.keys, readiness.sending] },
  ]
  return { examine: options => runChecks(groups, options) }
}
