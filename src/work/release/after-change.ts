import type { Logger } from 'pino'

/** Somebody who wants to know of messages that people have released, deleted or restored: a request for one follows. */
export interface AfterChange {
  /** Undefined: nobody does. */
  readonly afterChange?: ((heldId: string) => Promise<void>) | undefined
  readonly log: Logger
}

/** Tells of a change that has been made. If that fails, the change holds, and the sweep finds out by itself. */
export async function tellOfChange({ afterChange, log }: AfterChange, heldId: string): Promise<void> {
  await afterChange?.(heldId).catch((error: unknown) => {
    log.error({ err: error, heldId }, 'a request could not follow its message; the sweep makes that good')
  })
}
