import { type Check, type Finding, fail, ok, skip } from '../../ground/health/check.ts'
import { type Installation, isInRange, readInstallation } from '../../ground/installation/installed.ts'

/** Checks of what the program itself consists of. They need no configuration. */
export const programChecks = (): readonly Check[] => [
  { id: 'program.node', run: async () => [nodeFinding(readInstallation(), process.version)] },
  { id: 'program.packages', run: async () => packageFindings(readInstallation()) },
]

/** @param version of Node, such as `v24.1.0` */
export function nodeFinding({ node }: Pick<Installation, 'node'>, version: string): Finding {
  const major = Number(/\d+/.exec(version)?.[0] ?? 0)
  return major >= node
    ? ok(`Node ${version}`)
    : fail(`Node ${version} is too old: this program needs ${node} or later`, `Install Node ${node}.`)
}

export function packageFindings({ packages }: Pick<Installation, 'packages'>): readonly Finding[] {
  // In one file with the program.
  if (packages.every(({ found }) => found === undefined)) return [skip('the packages are built in')]
  const wrong = packages.filter(({ wanted, found }) => found === undefined || !isInRange(found, wanted))
  if (wrong.length === 0) return [ok(`${packages.length} packages, each in the version that it needs`)]
  return wrong.map(({ name, wanted, found }) =>
    fail(
      `package ${name} is ${found === undefined ? 'not installed' : `version ${found}`}: this program needs ${wanted}`,
      'npm ci in the folder of the program, or install amavis-digest anew.',
    ),
  )
}
