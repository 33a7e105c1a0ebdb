import { Gate } from '../../ground/concurrency/gate.ts'
import { durationText, SECOND } from '../../ground/durations.ts'
import { type Check, type Finding, fail, skip } from '../../ground/health/check.ts'
import { findingsOf } from '../../ground/health/findings-of.ts'
import { sentence } from './sentence.ts'

/** Checks of one subject. */
export interface CheckGroup {
  readonly title: string
  readonly checks: readonly Check[]
}

/** A finding, and which check of which group found it. */
export interface Examined extends Finding {
  readonly id: string
  readonly group: string
}

export interface RunChecksOptions {
  /** How long each check may take, in milliseconds. */
  readonly limit?: number
  /**
   * Of what the service looks at unasked, what is quickly found, or what is not. Undefined: everything. Left out are the
   * checks that others notice, and those that the service makes at its start anyway.
   */
  readonly unasked?: 'quick' | 'slow'
}

/** Where to look for what the configuration does not name. */
export interface LookWhere {
  /** amavisd's configuration: a file, or a folder of them. Default: the usual places. */
  readonly amavisConf?: string | undefined
  /** The address of a DNS server, with an optional port. Default: those of the system. */
  readonly dnsServer?: string | undefined
}

/** What admins get wrong, looked for. */
export interface Doctor {
  /** Looks at everything now. It changes nothing, and rejects for no fault that it finds. */
  examine(options?: RunChecksOptions & LookWhere): Promise<readonly Examined[]>
  /**
   * Lets a mail of our own be held, listed in a digest and released, and follows it until it is lost.
   *
   * @param address a reader
   * @param through where the filter takes mail, as an smtp:// URL; undefined: as amavisd's configuration says
   */
  sendTest(address: string, through: string | undefined, where?: LookWhere): Promise<readonly Examined[]>
}

/**
 * Runs checks side by side. A check that breaks off or gives no answer in time fails. One that needs another check is
 * skipped when that did not end well.
 *
 * @returns the findings in the order of the groups and their checks
 */
export async function runChecks(
  groups: readonly CheckGroup[],
  { limit = LIMIT, unasked }: RunChecksOptions = {},
): Promise<readonly Examined[]> {
  const gate = new Gate(AT_ONCE)
  const running = new Map<string, Promise<readonly Finding[]>>()
  const wanted = groups.flatMap(({ title, checks }) =>
    checks.filter(check => unasked === undefined || isUnasked(check)).map(check => ({ title, check })),
  )
  const start = async (check: Check): Promise<readonly Finding[]> => {
    // Every check is entered before the first one looks whom it needs.
    await Promise.resolve()
    const unmet = await firstUnmet(check.needs ?? [], running)
    if (unmet !== undefined) return [skip(`not looked at, because ${unmet} did not end well`)]
    const found = await gate.run(() => findingsOf(check, limit))
    return found === 'silent' ? [silentFor(limit)] : found
  }
  // Slow ones need quick ones.
  const made = wanted.filter(({ check }) => unasked !== 'quick' || !check.isSlow)
  for (const { check } of made) running.set(check.id, start(check))
  const told = made.filter(({ check }) => unasked !== 'slow' || check.isSlow)
  const found = told.map(async ({ title, check }) =>
    ((await running.get(check.id)) ?? []).map(finding => ({
      ...finding,
      message: sentence(finding.message),
      id: check.id,
      group: title,
    })),
  )
  return (await Promise.all(found)).flat()
}

const isUnasked = ({ isNoticed, isToldAnyway }: Check): boolean => !isNoticed && !isToldAnyway

/** Whether the program can do its work: warnings and skipped checks do not say otherwise. */
export const isHealthy = (findings: readonly Finding[]): boolean =>
  findings.every(({ status }) => status !== 'fail')

/** Milliseconds. The drivers give up after 10 s at most, with better words. */
const LIMIT = 12 * SECOND

/** Most checks wait for servers. */
const AT_ONCE = 16

/** The first of the needed checks that failed or was skipped. One that does not run is taken to be fine. */
async function firstUnmet(
  needs: readonly string[],
  running: ReadonlyMap<string, Promise<readonly Finding[]>>,
): Promise<string | undefined> {
  for (const id of needs) {
    const found = (await running.get(id)) ?? []
    if (found.some(({ status }) => status === 'fail' || status === 'skip')) return id
  }
  return undefined
}

const silentFor = (limit: number): Finding =>
  fail(
    `gave no answer within ${durationText(limit)}`,
    'See whether the server that it asks hangs, or whether a firewall drops the packets.',
  )
