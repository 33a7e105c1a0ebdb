import { isCertificateFault } from '../../database/tls.ts'
import { displayText } from '../../display/text.ts'
import { SECOND } from '../../durations.ts'
import { CodedError, type ErrorCode } from '../../errors.ts'
import { ldapts } from './ldapts.ts'
import { StartTlsRefused } from './session.ts'
import { type LdapSettings, ldapServer } from './settings.ts'

/** What to tell an admin when a directory server did not answer as it should. The password is in none of it. */
export function ldapFault(error: unknown, settings: LdapSettings): CodedError {
  const { code, sentence } = faultOf(error, settings)
  return new CodedError(code, `directory: ${sentence}`, { cause: error })
}

interface Fault {
  readonly code: Extract<ErrorCode, 'DIRECTORY_UNREACHABLE' | 'DIRECTORY_REFUSED'>
  readonly sentence: string
}

function faultOf(error: unknown, settings: LdapSettings): Fault {
  const { host, port } = ldapServer(settings)
  const server = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  if (error instanceof StartTlsRefused) {
    return refused(
      `${server} does not encrypt: ${said(error)} Use ldaps:// in directory.url, or set up TLS on the server.`,
    )
  }
  if (error instanceof ldapts().ResultCodeError) return answeredFault(error, server, settings)
  const name = codeOf(error)
  if (isCertificateFault(name)) {
    return refused(
      `the certificate of ${server} cannot be verified (${name}). Does directory.caFile name its authority? Is the host of directory.url a name in it? Does the port speak TLS?`,
    )
  }
  if (name === 'TimeoutError' || name === 'AbortError') {
    return unreachable(
      `${server} did not answer within ${settings.timeout / SECOND} s. Is it there, and has it an index for each attribute of directory.addressAttributes?`,
    )
  }
  return unreachable(`no connection to ${server} (${name}). Does the server run, and is directory.url right?`)
}

/** The result codes of RFC 4511, appendix A. */
function answeredFault(
  error: Error & { readonly code: number },
  server: string,
  { base, bindDn, password }: LdapSettings,
): Fault {
  const account = bindDn === undefined ? 'someone who has not signed in' : displayText(bindDn, 200)
  const answer = said(error, password)
  switch (error.code) {
    case 3:
    case 11:
      return unreachable(
        `${server} gave up a search that took too long: ${answer} Has it an index for each attribute of directory.addressAttributes?`,
      )
    case 51:
    case 52:
      return unreachable(`${server} is busy or not ready: ${answer} It is asked again later.`)
    case 10:
      return refused(
        `${server} refers to another server for ${displayText(base, 200)}: ${answer} Put that one into directory.url.`,
      )
    case 32:
      return refused(
        `${server} has no ${displayText(base, 200)}, or does not show it to ${account}: ${answer} See directory.base and directory.bindDn.`,
      )
    case 49:
      return refused(
        `${server} refuses ${account} or its password: ${answer} See directory.bindDn and directory.password.`,
      )
    case 8:
    case 13:
      return refused(
        `${server} wants an encrypted connection: ${answer} Use ldaps:// in directory.url, or set directory.startTls to true.`,
      )
    case 1:
    case 48:
    case 50:
    case 53:
      return refused(
        `${server} does not let ${account} search: ${answer} See directory.bindDn, and which rights it has.`,
      )
    default:
      return refused(`${server} refuses the search: ${answer}`)
  }
}

const refused = (sentence: string): Fault => ({ code: 'DIRECTORY_REFUSED', sentence })
const unreachable = (sentence: string): Fault => ({ code: 'DIRECTORY_UNREACHABLE', sentence })

/** The server's own words. ldapts adds the result code. */
function said({ message }: Error, password?: string): string {
  const words = password === undefined ? message : message.replaceAll(password, '…')
  return `${displayText(words, 200).replace(/\.$/, '')}.`
}

/** The code or the name of an error; ldapts throws plain ones for a connection that has ended. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.name === 'Error' ? 'it was closed' : error.name
}
