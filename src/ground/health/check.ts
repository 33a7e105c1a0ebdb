import type { ErrorCode } from '../errors.ts'

/** Something that an admin may have got wrong, and how to find out. Shared by `doctor` and /readyz. */
export interface Check {
  /** Stable and plain, such as `storage.grants`: scripts and docs/guides/doctor.md name it. */
  readonly id: string
  /** The checks without which this one would say nothing new: it is skipped unless they are fine. */
  readonly needs?: readonly string[]
  /** True: too slow or too costly for the start of the service, which makes it later. */
  readonly isSlow?: boolean
  /** True: others notice it, as by a line in their log, or it asks strangers. The service does not make it unasked. */
  readonly isNoticed?: boolean
  /** True: the service says it at its start by itself, with more details. */
  readonly isToldAnyway?: boolean
  /**
   * Looks now, and changes nothing. None: there is nothing to say, as about a part that is not configured.
   *
   * @param signal aborted when the time of the check is over
   * @throws whatever makes the check fail; the message of a CodedError is shown
   */
  run(signal: AbortSignal): Promise<readonly Finding[]>
}

/** `ok`: fine. `warn`: it works, but not as most admins want. `fail`: it does not work. `skip`: nobody can tell. */
export type Status = 'ok' | 'warn' | 'fail' | 'skip'

export interface Finding {
  readonly status: Status
  /** A sentence that says what is the case, without secrets. */
  readonly message: string
  /** The command or the setting that mends it. */
  readonly fix: string | undefined
  /** For /readyz, which reveals nothing else. */
  readonly code?: ErrorCode | undefined
}

export const ok = (message: string): Finding => ({ status: 'ok', message, fix: undefined })

export const warn = (message: string, fix: string): Finding => ({ status: 'warn', message, fix })

export const fail = (message: string, fix: string, code?: ErrorCode): Finding => ({
  status: 'fail',
  message,
  fix,
  code,
})

export const skip = (message: string, fix?: string): Finding => ({ status: 'skip', message, fix })

/**
 * A check by something that rejects when it is not fine.
 *
 * @param fine what is said when it is
 */
export const proof = (
  id: string,
  prove: () => Promise<unknown>,
  fine = 'fine',
  needs: readonly string[] = [],
): Check => ({
  id,
  needs,
  async run() {
    await prove()
    return [ok(fine)]
  },
})
