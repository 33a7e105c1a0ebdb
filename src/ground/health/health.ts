import { CodedError, type ErrorCode } from '../errors.ts'
import { inTime } from './in-time.ts'
import type { PartState } from './part-state.ts'
import type { Watched } from './watched.ts'

export interface HealthDeps {
  /** What is looked at whenever somebody asks. */
  readonly asked: readonly AskedPart[]
  /** What is looked at now and then, or seen at work. */
  readonly watched: readonly Watched[]
}

export interface AskedPart {
  readonly part: string
  /** Rejects when the part cannot be used. */
  readonly look: () => Promise<unknown>
  /** What it means when no answer comes. */
  readonly silence: ErrorCode
}

export interface Health {
  parts(): Promise<PartState[]>
  /** Why the program cannot do its work now; empty when it can. */
  reasons(): Promise<string[]>
  /** Keeps looking until the signal is aborted. */
  watch(signal: AbortSignal): Promise<void>
}

/** Knows which of the parts that the program needs can be used. */
export function createHealth({ asked, watched }: HealthDeps): Health {
  const parts = async () => {
    const states = await Promise.all([...asked.map(stateOf), ...watched.map(part => part.state())])
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

/** Of several that go by one name, as several amavisd do, all are needed. */
function worst(states: readonly PartState[]): PartState[] {
  const away = states.find(({ code }) => code !== undefined)
  return away ? [away] : states.slice(0, 1)
}

async function stateOf({ part, look, silence }: AskedPart): Promise<PartState> {
  try {
    await inTime(look(), silence)
    return { part, code: undefined }
  } catch (error) {
    return { part, code: error instanceof CodedError ? error.code : 'INTERNAL' }
  }
}
