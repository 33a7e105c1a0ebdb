import type { IncomingMessage } from 'node:http'
import type { Turns } from './turns.ts'

/** Lets requests for links take turns with the digests that are being sent. */
export interface LinkTurns {
  /**
   * Calls `perform` in its turn, unless the connection is closed by then. Nothing more is read from a connection whose
   * request waits, so that a flood waits outside.
   */
  take(kind: TurnKind, request: IncomingMessage, by: TurnTaker, perform: () => void): void
  /** How many requests of its caller wait, and how many by its token. */
  waiting(by: TurnTaker): { readonly ofCaller: number; readonly byToken: number }
}

/** Who asks, and by which link. */
export interface TurnTaker {
  readonly caller: string
  readonly token: string
}

export type TurnKind = keyof typeof WEIGHTS

export function linkTurns(turns: Turns): LinkTurns {
  // Apart, because a made-up token may be somebody's address.
  const callers = new Map<string, number>()
  const tokens = new Map<string, number>()
  const count = ({ caller, token }: TurnTaker, change: 1 | -1) => {
    add(callers, caller, change)
    add(tokens, token, change)
  }
  return {
    waiting: ({ caller, token }) => ({
      ofCaller: callers.get(caller) ?? 0,
      byToken: tokens.get(token) ?? 0,
    }),
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

function add(counts: Map<string, number>, name: string, change: 1 | -1): void {
  const count = (counts.get(name) ?? 0) + change
  if (count > 0) counts.set(name, count)
  else counts.delete(name)
}

/**
 * What a request costs, in milliseconds of CPU as `npm run bench -- --only release` shows them, and how much of the
 * queue requests like it may take up: however many links are made up, a reader's own finds room.
 */
const WEIGHTS = {
  refusal: { costs: 0.1, fills: 0.5 },
  page: { costs: 0.5, fills: 1 },
  release: { costs: 3.5, fills: 1 },
} as const
