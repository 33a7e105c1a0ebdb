/** The port of who learns what was spam. */
export interface FilterTeacher {
  /** @throws CodedError LEARN_FAILED with what to do, AMAVISD_UNREACHABLE */
  teach(message: TaughtMessage, verdict: 'spam' | 'notSpam', signal?: AbortSignal): Promise<void>
}

/** A held message. Only one of both ways of teaching needs its octets. */
export interface TaughtMessage {
  readonly mailId: string
  readonly partitionTag: number
  readonly requestedBy: string
  /** The message as its sender sent it, without amavisd's head. */
  readonly octets: () => Promise<Buffer>
}
