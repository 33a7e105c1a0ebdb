import type { Client } from 'ldapts'
import { Gate } from '../../concurrency/gate.ts'
import { unlessAborted } from '../../concurrency/unless-aborted.ts'
import { SECOND } from '../../durations.ts'
import { trustedAuthorities } from '../../network/authorities.ts'
import { ldapFault } from './faults.ts'
import { ldapts } from './ldapts.ts'
import { openSession, type Session } from './session.ts'
import type { LdapSettings } from './settings.ts'

/** Asks a directory server over one connection, which is opened when it is needed. */
export interface Connection extends Disposable {
  /**
   * One question after the other: OpenLDAP remembers only one search in pages for each connection. Each waits for at
   * most `timeout` for its turn, for the connection, and for its answer.
   *
   * @param question may be asked twice, if the connection turns out to be lost
   * @throws CodedError DIRECTORY_UNREACHABLE, DIRECTORY_REFUSED; SizeLimitExceededError of ldapts as it is
   */
  ask<T>(question: (client: Client) => Promise<T>): Promise<T>
}

/** @throws CodedError CONFIG_INVALID when the file of authorities cannot be read */
export function connection(settings: LdapSettings): Connection {
  const { timeout, caFile } = settings
  const authorities = trustedAuthorities(caFile, 'directory.caFile')
  const gate = new Gate(1)
  let session: Session | undefined
  let idle: NodeJS.Timeout | undefined

  const closeWhenIdle = () => {
    idle = setTimeout(() => session?.close(), IDLE).unref()
  }
  const answer = async <T>(question: (client: Client) => Promise<T>): Promise<T> => {
    session = session?.isOpen()
      ? session
      : await openSession(settings, authorities(), AbortSignal.timeout(timeout))
    const { client, close } = session
    try {
      return await unlessAborted(AbortSignal.timeout(timeout), question(client))
    } catch (error) {
      // What comes late must not be taken for an answer to the next question.
      if (!(error instanceof ldapts().ResultCodeError)) close('at once')
      throw error
    }
  }
  const answerOrRepeat = async <T>(question: (client: Client) => Promise<T>): Promise<T> => {
    clearTimeout(idle)
    const mayBeStale = session?.isOpen() ?? false
    try {
      return await answer(question)
    } catch (error) {
      if (!mayBeStale || session?.isOpen() || isSilence(error)) throw error
      return await answer(question)
    } finally {
      closeWhenIdle()
    }
  }
  return {
    async ask(question) {
      try {
        return await gate.run(() => answerOrRepeat(question), AbortSignal.timeout(timeout))
      } catch (error) {
        throw error instanceof ldapts().SizeLimitExceededError ? error : ldapFault(error, settings)
      }
    },
    [Symbol.dispose]: () => {
      clearTimeout(idle)
      session?.close()
    },
  }
}

/** Firewalls forget idle connections without a word, some after a minute. */
const IDLE = 30 * SECOND

/** The server had its time. */
const isSilence = (error: unknown): boolean => error instanceof Error && error.name === 'TimeoutError'
