import { ExpiringCache } from '../concurrency/expiring-cache.ts'
import { SECOND } from '../durations.ts'
import type { ErrorCode } from '../errors.ts'
import type { Check } from './check.ts'
import { findingsOf } from './findings-of.ts'
import { nameOfPart, type PartState } from './part-state.ts'
import { TIME_LIMIT } from './time-limit.ts'
import type { WatchedPart } from './watched-part.ts'
import type { WorkWatch } from './work-watch.ts'

export interface HealthDeps {
  /** Parts that are checked whenever somebody asks. */
  readonly checked: readonly CheckedPart[]
  /** Parts whose state comes from their work, or from a probe now and then. */
  readonly watched: readonly WatchedPart[]
  /** Work that shows by its failures that something is wrong. */
  readonly works: Pick<WorkWatch, 'states'>
  /** A monotonic clock, in milliseconds. */
  readonly clock: () => number
}

export interface CheckedPart {
  readonly part: string
  /** Fails when the part cannot be used. */
  readonly check: Check
  /** The state of the part when no answer comes; undefined: that says nothing about it. */
  readonly codeIfSilent: ErrorCode | undefined
}

export interface Health {
  /** The parts, then the work. */
  parts(): Promise<PartState[]>
  /** Why the program cannot do its work now; empty when it can. */
  reasons(): Promise<string[]>
  /** Keeps watching the parts until the signal is aborted. */
  watch(signal: AbortSignal): Promise<void>
}

/** Tells which of the parts that the program needs can be used, and which work fails. */
export function createHealth({ checked, watched, works, clock }: HealthDeps): Health {
  const kept = new ExpiringCache<PartState[]>(1)
  const parts = () => kept.get('parts', { now: clock(), keep: KEPT }, look)
  const look = async () => {
    const states = await Promise.all([...checked.map(stateOf), ...watched.map(part => part.state())])
    const byName = Map.groupBy([...states, ...works.states()], nameOfPart)
    return [...byName.values()].flatMap(worst)
  }
  return {
    parts,
    async reasons() {
      return (await parts()).flatMap(state => (state.code ? [`${nameOfPart(state)}: ${state.code}`] : []))
    },
    async watch(signal) {
      await Promise.all(watched.map(part => part.watch(signal)))
    },
  }
}

/** For how many milliseconds everybody who asks gets the same answer: anybody may ask, as often as they like. */
const KEPT = SECOND

/** If several parts have the same name, all of them are needed. */
function worst(states: readonly PartState[]): PartState[] {
  const unusable = states.find(({ code }) => code !== undefined)
  return unusable ? [unusable] : states.slice(0, 1)
}

async function stateOf({ part, check, codeIfSilent }: CheckedPart): Promise<PartState> {
  const found = await findingsOf(check, TIME_LIMIT)
  if (found === 'silent') return { part, code: codeIfSilent }
  const failed = found.find(({ status }) => status === 'fail')
  // That its database is away is told by the database's own part.
  if (codeIfSilent === undefined && failed?.code === 'DATABASE_UNREACHABLE') return { part, code: undefined }
  return { part, code: failed && (failed.code ?? 'INTERNAL') }
}
