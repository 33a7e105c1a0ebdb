import type { IncomingMessage } from 'node:http'
import type { Turns } from './turns.ts'

/** Lets requests for links take turns with the digests that are being sent. */
export interface LinkTurns {
  /**
   * Calls `perform` in its turn, unless the connection is closed by then. Nothing more is read from a connection whose
   * request waits, so that a flood waits outside.
   */
  take(kind: TurnKind, request: IncomingMessage, by: TurnTaker, perform: () => void): void
  /** How many requests of one caller, or by one token, wait. */
  waiting(callerOrToken: string): number
}

/** Who asks, and by which link. */
export interface TurnTaker {
  readonly caller: string
  readonly token: string
}

export type TurnKind = keyof typeof WEIGHTS

export function linkTurns(turns: Turns): LinkTurns {
  const waiting = new Map<string, number>()
  const count = ({ caller, token }: TurnTaker, by: 1 | -1) => {
    for (const name of [caller, token]) {
      const waits = (waiting.get(name) ?? 0) + by
      if (waits > 0) waiting.set(name, waits)
      else waiting.delete(name)
    }
  }
  return {
    waiting: name => waiting.get(name) ?? 0,
    take(kind, { socket }, by, perform) {
      const { costs, fills } = WEIGHTS[kind]
      let isWaiting = false
      const goOn = () => {
        if (isWaiting) count(by, -1)
        isWaiting = false
        if (socket.isPaused()) socket.resume()
        if (!socket.destroyed) perform()
      }
      const taken = turns.take(costs, goOn, fills)
      if (taken === 'refused') socket.destroy()
      if (taken !== 'waits') return
      isWaiting = true
      count(by, 1)
      // Not before: once a request is whole, Node reads on, whoever has paused the connection.
      setImmediate(() => void (isWaiting && socket.pause()))
    },
  }
}

/**
 * What a request costs, in milliseconds of CPU as `npm run bench -- --only release` shows them, and how much of the queue
 * requests like it may take up: however many links are made up, a reader's own finds room.
 */
const WEIGHTS = {
  refusal: { costs: 0.1, fills: 0.5 },
  page: { costs: 0.5, fills: 1 },
  release: { costs: 3.5, fills: 1 },
} as const
