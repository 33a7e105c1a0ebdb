import { CodedError, type ErrorCode } from '../errors.ts'
import type { PartState } from './part-state.ts'
import { withTimeLimit } from './time-limit.ts'
import type { WatchedPart } from './watched-part.ts'

export interface HealthDeps {
  /** Parts that are checked whenever somebody asks. */
  readonly checked: readonly CheckedPart[]
  /** Parts whose state comes from their work, or from a probe now and then. */
  readonly watched: readonly WatchedPart[]
}

export interface CheckedPart {
  readonly part: string
  /** Rejects when the part cannot be used. */
  readonly check: () => Promise<unknown>
  /** The state of the part when no answer comes. */
  readonly codeIfSilent: ErrorCode
}

export interface Health {
  parts(): Promise<PartState[]>
  /** Why the program cannot do its work now; empty when it can. */
  reasons(): Promise<string[]>
  /** Keeps watching the parts until the signal is aborted. */
  watch(signal: AbortSignal): Promise<void>
}

/** Tells which of the parts that the program needs can be used. */
export function createHealth({ checked, watched }: HealthDeps): Health {
  const parts = async () => {
    const states = await Promise.all([...checked.map(stateOf), ...watched.map(part => part.state())])
    return [...Map.groupBy(states, ({ part }) => part).values()].flatMap(worst)
  }
  return {
    parts,
    async reasons() {
      return (await parts()).flatMap(({ part, code }) => (code ? [`${part}: ${code}`] : []))
    },
    async watch(signal) {
      await Promise.all(watched.map(part => part.watch(signal)))
    },
  }
}

/** If several parts have the same name, such as several amavisd, all of them are needed. */
function worst(states: readonly PartState[]): PartState[] {
  const unusable = states.find(({ code }) => code !== undefined)
  return unusable ? [unusable] : states.slice(0, 1)
}

async function stateOf({ part, check, codeIfSilent }: CheckedPart): Promise<PartState> {
  try {
    await withTimeLimit(check(), codeIfSilent)
    return { part, code: undefined }
  } catch (error) {
    return { part, code: error instanceof CodedError ? error.code : 'INTERNAL' }
  }
}
