import type { ClientRequest, IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isCertificateFault } from '../../database/tls.ts'
import { displayText } from '../../display/text.ts'
import { durationText } from '../../durations.ts'
import { CodedError } from '../../errors.ts'
import { requestByHttp } from '../../network/http.ts'
import type { Panel } from './panel.ts'

/** What the API answers, with HTTP status 200 whatever has happened. */
export interface PanelAnswer {
  /** `ok`, or which fault: `remote_fault` for all that its functions report. */
  readonly code: string
  readonly message: string
  readonly response: unknown
}

/**
 * Calls a function of the API once. Follows no redirect: the password would go wherever it leads.
 *
 * @param signal ends the wait
 * @throws CodedError SENDERS_UNREACHABLE
 */
export async function postJson(
  panel: Panel,
  name: string,
  parameters: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<PanelAnswer> {
  const body = Buffer.from(JSON.stringify(parameters))
  const url = new URL(panel.api)
  url.search = name
  try {
    return answerIn(panel, await exchange(panel, url, body, signal))
  } catch (error) {
    if (error instanceof CodedError) throw error
    throw signal.aborted ? noAnswer(panel) : whyAway(panel, error)
  }
}

interface Exchange {
  readonly status: number
  readonly location: string | undefined
  readonly text: string
}

function exchange(panel: Panel, url: URL, body: Buffer, signal: AbortSignal): Promise<Exchange> {
  const { promise, resolve, reject } = Promise.withResolvers<Exchange>()
  const options = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-length': body.length,
      accept: 'application/json',
    },
    agent: false as const,
    signal,
  }
  const request: ClientRequest =
    url.protocol === 'https:'
      ? httpsRequest(url, { ...options, ca: [...panel.authorities()] })
      : requestByHttp(url, options)
  request.on('error', reject)
  request.on('response', response => {
    read(panel, response).then(resolve, reject)
  })
  request.end(body)
  return promise
}

async function read(panel: Panel, response: IncomingMessage): Promise<Exchange> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
    if (size > LARGEST) {
      response.destroy()
      throw away(panel, `answers with more than ${LARGEST / 1_048_576} MB`, RIGHT_ADDRESS)
    }
  }
  const { location } = response.headers
  return { status: response.statusCode ?? 0, location, text: Buffer.concat(chunks).toString('utf8') }
}

/** 10,000 entries of a list take 4 MB. */
const LARGEST = 16 * 1_048_576

function answerIn(panel: Panel, { status, location, text }: Exchange): PanelAnswer {
  if (location !== undefined)
    throw away(panel, `sends us on to ${displayText(location, 100)}`, 'Set senders.url to the panel itself.')
  if (status !== 200)
    throw away(
      panel,
      `answers with HTTP status ${status}`,
      `${RIGHT_ADDRESS} Else see the panel's error log.`,
    )
  const answer = parsed(text)
  if (answer === undefined) throw away(panel, 'answers with something else than its API does', RIGHT_ADDRESS)
  return answer
}

const RIGHT_ADDRESS = 'Is senders.url the address of the panel, and does nothing else answer in its place?'

function parsed(text: string): PanelAnswer | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('code' in value)) return undefined
    const { code } = value
    if (typeof code !== 'string') return undefined
    const message = 'message' in value && typeof value.message === 'string' ? value.message : ''
    return { code, message, response: 'response' in value ? value.response : undefined }
  } catch {
    return undefined
  }
}

function whyAway(panel: Panel, error: unknown): CodedError {
  const name = nameOf(error)
  if (isCertificateFault(name))
    return away(
      panel,
      `has a certificate that cannot be verified (${name})`,
      'Does senders.caFile name its authority, and is the host of senders.url a name in it?',
    )
  return away(panel, `cannot be reached (${name})`, 'Does the panel run, and is senders.url right?')
}

/** No answer came in time. What was asked may have been done all the same. */
export const noAnswer = (panel: Panel): CodedError =>
  away(
    panel,
    `did not answer within ${durationText(panel.timeout)}`,
    'Is it overloaded? See senders.timeout.',
  )

/** @param fault as it goes on after the name of the panel */
const away = ({ name }: Panel, fault: string, next: string): CodedError =>
  new CodedError('SENDERS_UNREACHABLE', `ISPConfig's panel at ${name} ${fault}. ${next}`)

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
