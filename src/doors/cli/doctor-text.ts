import { displayText } from '../../ground/display/text.ts'
import type { Status } from '../../ground/health/check.ts'
import { type Examined, isHealthy } from '../../work/doctor/run-checks.ts'

/** `doctor --json`. Scripts rely on its keys. */
export const doctorJson = (examined: readonly Examined[]) => ({
  ok: isHealthy(examined),
  checks: examined.map(({ id, status, message, fix }) => ({ id, status, message, fix: fix ?? null })),
})

/**
 * One line for each finding, with its fix below. What is worst comes last, next to the summary, where somebody at a
 * terminal looks first: groups by their worst finding, and findings within a group.
 */
export function doctorText(examined: readonly Examined[]): string {
  const groups = [...Map.groupBy(examined, ({ group }) => group)]
    .map(([title, findings]) => ({ title, findings: findings.toSorted(bySeverity) }))
    .toSorted((one, other) => worstIn(one.findings) - worstIn(other.findings))
  return [...groups.flatMap(groupLines), summaryOf(examined)].join('\n')
}

const SEVERITY: Readonly<Record<Status, number>> = { ok: 0, skip: 1, warn: 2, fail: 3 }

const bySeverity = (one: Examined, other: Examined): number => SEVERITY[one.status] - SEVERITY[other.status]

const worstIn = (findings: readonly Examined[]): number =>
  Math.max(...findings.map(({ status }) => SEVERITY[status]))

const groupLines = ({ title, findings }: { title: string; findings: readonly Examined[] }): string[] => [
  title,
  ...[...Map.groupBy(findings, keyOfLine).values()].flatMap(findingLines),
  '',
]

/** Checks that were left out for the same reason share a line. */
const keyOfLine = (finding: Examined): unknown => (finding.status === 'skip' ? finding.message : finding)

function findingLines(alike: readonly Examined[]): string[] {
  const [first] = alike
  if (first === undefined) return []
  const { status, message, fix } = first
  const line = `  ${MARKS[status]} ${alike.map(({ id }) => id).join(', ')}: ${shown(message)}`
  return fix === undefined ? [line] : [line, `${INDENT}${shown(fix)}`]
}

/** A sign and a word, as the sign alone may not be shown, and is not read out. */
const MARKS: Readonly<Record<Status, string>> = {
  ok: '\u2713 ok  ',
  warn: '! warn',
  fail: '\u2717 FAIL',
  skip: '\u2013 skip',
}

/** Servers and tables may contain anything. It must not affect the terminal. */
const shown = (text: string): string =>
  text
    .split('\n')
    .map(line => displayText(line, MAX_LINE))
    .join(`\n${INDENT}`)

/** Below the message. */
const INDENT = ' '.repeat(6)

const MAX_LINE = 2000

function summaryOf(examined: readonly Examined[]): string {
  const count = (status: Status) => examined.filter(finding => finding.status === status).length
  const { fails, warnings } = { fails: count('fail'), warnings: count('warn') }
  const counts = [
    ...(fails > 0 ? [`${fails} ${fails === 1 ? 'thing does' : 'things do'} not work`] : []),
    ...(warnings > 0 ? [`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`] : []),
    `${count('ok')} fine`,
    ...(count('skip') > 0 ? [`${count('skip')} not looked at`] : []),
  ]
  return `${counts.join(', ')}.`
}
