import type { ReleaseHandle } from '../amavis/release-handle.ts'

/** What a filter can be told that a message was. */
export type Verdict = 'spam' | 'notSpam'

/** The port of who learns what was spam. */
export interface FilterTeacher {
  /** What it can be told at all. */
  readonly verdicts: readonly Verdict[]
  /**
   * Milliseconds after which `teach` has ended, one way or the other.
   */
  readonly patience: number
  /** Teaches one message, once. @throws CodedError LEARN_FAILED, MESSAGE_GONE with what to do */
  teach(message: TaughtMessage, verdict: Verdict): Promise<void>
  /** Whether it can be asked, without teaching anything. @returns the fault; undefined when it can */
  probe(): Promise<TeacherFault | undefined>
}

export interface TeacherFault {
  readonly message: string
  /** The command or the setting that mends it. */
  readonly fix: string
}

/** A held message. Either way of teaching needs one of both. */
export interface TaughtMessage {
  /** The reader for whom it is taught. */
  readonly requestedBy: string
  /** The message as its sender sent it, without amavisd's head. */
  octets(): Promise<Uint8Array>
  /** What amavisd needs to know to report it. Undefined: it is no longer in amavis's tables. */
  handle(): Promise<ReleaseHandle | undefined>
}
