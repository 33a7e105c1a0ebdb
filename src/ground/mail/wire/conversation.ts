import { MINUTE } from '../../durations.ts'
import { createReplyReader, type Reply } from './replies.ts'

/** Commands, content and replies of a session that is ready for mails. */
export interface Conversation {
  /**
   * Writes all of it at once. Whoever asks waits for the replies before asking again.
   *
   * @param count how many replies the server owes for it
   * @returns the replies; fewer when the session has ended before. Never rejects
   */
  ask(text: string, count: number, encoding?: 'utf8' | 'latin1'): Promise<readonly Reply[]>
  /** Takes what the server has sent. */
  hear(piece: Buffer): void
  /** Ends it. @param fault why; undefined when the connection was closed */
  end(fault?: unknown): void
  /** Why it has ended; undefined while it goes on. */
  fault(): unknown
}

export interface Line {
  write(text: string, encoding: 'utf8' | 'latin1'): void
  /** Closes the connection. */
  close(): void
  /** A monotonic clock, in milliseconds. */
  readonly clock: () => number
}

/**
 * A reply that nobody waits for ends the conversation: it would be taken for the answer to another mail. So does 421,
 * the server's goodbye.
 */
export function createConversation(line: Line): Conversation {
  const reader = createReplyReader()
  let replies: Reply[] = []
  let owed = 0
  let askedAt = 0
  let settle = (_replies: readonly Reply[]) => {}
  let fault: unknown

  const end = (reason: unknown = new ConversationFault('ECONNECTION', CLOSED)) => {
    if (fault !== undefined) return
    fault = reason
    const last = owed > 0 ? reader.last() : undefined
    if (last) replies.push(last)
    owed = 0
    settle(replies)
    line.close()
  }
  const take = (reply: Reply) => {
    if (fault !== undefined) return
    if (owed === 0) return end(reply.code === 421 ? undefined : outOfTurn(reply))
    replies.push(reply)
    owed -= 1
    if (reply.code === 421) end()
    else if (owed === 0) settle(replies)
  }
  return {
    ask(text, count, encoding = 'utf8') {
      replies = []
      if (fault !== undefined) return Promise.resolve(replies)
      owed = count
      askedAt = line.clock()
      const { promise, resolve } = Promise.withResolvers<readonly Reply[]>()
      settle = resolve
      line.write(text, encoding)
      return promise
    },
    hear(piece) {
      const heard = reader.read(piece)
      if (!heard) return end(new ConversationFault('EPROTOCOL', NOT_SMTP))
      for (const reply of heard) take(reply)
      // The connection's own timeout sees only a server that sends nothing at all. Empty lines begin no reply.
      if ((owed > 0 || reader.isWithin()) && line.clock() - askedAt > PATIENCE) {
        end(new ConversationFault('ETIMEDOUT', TOO_SLOW))
      }
    },
    end,
    fault: () => fault,
  }
}

/** A server that does not do what SMTP wants. */
export class ConversationFault extends Error {
  readonly code: string

  constructor(code: 'ECONNECTION' | 'EPROTOCOL' | 'ETIMEDOUT', message: string) {
    super(message)
    this.name = 'ConversationFault'
    this.code = code
  }
}

/** A reply that is none to what was asked. */
export const outOfTurn = ({ text }: Reply): ConversationFault =>
  new ConversationFault('EPROTOCOL', `the mail server answered what was not asked: ${text}`)

/** RFC 5321, section 4.5.3.2.6: the longest that a client waits for any reply. */
const PATIENCE = 10 * MINUTE

const CLOSED = 'the mail server closed the connection'
const NOT_SMTP = 'the mail server sent what is no reply of SMTP'
const TOO_SLOW = 'the mail server took too long for its reply'
