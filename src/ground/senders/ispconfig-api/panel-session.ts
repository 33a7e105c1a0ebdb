import { Gate } from '../../concurrency/gate.ts'
import { unlessAborted } from '../../concurrency/unless-aborted.ts'
import { MINUTE } from '../../durations.ts'
import { CodedError } from '../../errors.ts'
import { isOver, panelFault } from './faults.ts'
import { type PanelSettings, panelAt } from './panel.ts'
import { noAnswer, type PanelAnswer, postJson } from './post-json.ts'

/** The parameters of a function, by their names in ISPConfig's source. */
export type Parameters = Readonly<Record<string, unknown>>

/** Calls that belong together, such as those that change one entry. */
export interface PanelCalls {
  /**
   * @param isNothing faults that are no error: then there is no answer
   * @throws CodedError SENDERS_UNREACHABLE, SENDERS_REFUSED
   */
  call(name: string, parameters: Parameters, isNothing?: (answer: PanelAnswer) => boolean): Promise<unknown>
}

/**
 * A session with the panel's remote API. It signs in when a function is first called, and again when that session is
 * over. Neither the password nor the session's id is in a message.
 */
export class PanelSession implements AsyncDisposable {
  readonly #panel: ReturnType<typeof panelAt>
  readonly #settings: PanelSettings
  /** PHP takes a process for each request. */
  readonly #gate = new Gate(4)
  #session: Session | undefined
  /** When the panel refused to let us in, and what it said last. */
  #refusals: readonly Refusal[] = []
  #silence: { readonly until: number; readonly error: CodedError } | undefined

  /** @throws CodedError CONFIG_INVALID */
  constructor(settings: PanelSettings) {
    this.#panel = panelAt(settings)
    this.#settings = settings
  }

  /**
   * Calls that together have `timeout` from now. For as long after a panel that did not answer, it is not asked anew: the
   * page that tells of it would wait once more.
   *
   * @throws CodedError SENDERS_UNREACHABLE
   */
  together(): PanelCalls {
    if (this.#silence && performance.now() < this.#silence.until) throw this.#silence.error
    const { timeout } = this.#panel
    const signal = AbortSignal.timeout(timeout)
    return {
      call: async (name, parameters, isNothing = () => false) => {
        const answer = await this.#answer(name, parameters, signal).catch((error: unknown) => {
          if (!signal.aborted) throw error
          this.#silence = { until: performance.now() + timeout, error: noAnswer(this.#panel) }
          throw this.#silence.error
        })
        if (answer.code === 'ok') return answer.response
        if (isNothing(answer)) return undefined
        throw this.#faultOf(name, answer)
      },
    }
  }

  async #answer(name: string, parameters: Parameters, signal: AbortSignal): Promise<PanelAnswer> {
    const session = this.#signedIn()
    const answer = await this.#answerIn(session, name, parameters, signal)
    if (answer.code === 'ok' || !isOver(answer)) return answer
    if (this.#session === session) this.#session = undefined
    return this.#answerIn(this.#signedIn(), name, parameters, signal)
  }

  async #answerIn({ id }: Session, name: string, parameters: Parameters, signal: AbortSignal) {
    const session_id = await unlessAborted(signal, id)
    return this.#post(name, { session_id, ...parameters }, signal)
  }

  /** All who call at the same time share one sign-in. */
  #signedIn(): Session {
    if (this.#session && this.#session.until > performance.now()) return this.#session
    const session: Session = { id: this.#signIn(), until: performance.now() + SESSION }
    this.#session = session
    session.id.catch(() => {
      if (this.#session === session) this.#session = undefined
    })
    return session
  }

  async #signIn(): Promise<string> {
    this.#refusals = this.#refusals.filter(({ at }) => performance.now() - at < 5 * MINUTE)
    const last = this.#refusals.at(-1)
    if (last && this.#refusals.length >= MOST_REFUSALS) throw last.error
    const { user: username, password } = this.#settings
    const answer = await this.#post('login', { username, password, client_login: false })
    if (answer.code === 'ok' && typeof answer.response === 'string' && answer.response !== '') {
      this.#refusals = []
      return answer.response
    }
    const error = this.#faultOf('login', answer)
    this.#refusals = [...this.#refusals, { at: performance.now(), error }]
    throw error
  }

  #post(
    name: string,
    parameters: Parameters,
    signal = AbortSignal.timeout(this.#panel.timeout),
  ): Promise<PanelAnswer> {
    return this.#gate
      .run(() => postJson(this.#panel, name, parameters, signal), signal)
      .catch((error: unknown) => {
        throw error instanceof CodedError ? error : noAnswer(this.#panel)
      })
  }

  #faultOf(name: string, answer: PanelAnswer): CodedError {
    const { user, password } = this.#settings
    const message = password === '' ? answer.message : answer.message.replaceAll(password, '…')
    return panelFault({ answer: { ...answer, message }, name, user })
  }

  /** Signs out. A panel that is away ends the session by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    const session = this.#session
    this.#session = undefined
    if (session === undefined) return
    await session.id.then(session_id => this.#post('logout', { session_id })).catch(() => undefined)
  }
}

interface Session {
  readonly id: Promise<string>
  /** By the clock of `performance`. */
  readonly until: number
}

interface Refusal {
  readonly at: number
  readonly error: CodedError
}

/** A session ends 30 minutes after the sign-in. The panel counts a call by one that is over as a failed sign-in. */
const SESSION = 25 * MINUTE

/** The panel locks an address out, its people too, after ten within five minutes. */
const MOST_REFUSALS = 5
