import type { ErrorCode } from '../errors.ts'
import type { SmtpFailure } from './smtp-failure.ts'

/** Why no mail can be sent now, as a code and as a sentence that says what to do. */
export interface SmtpFault {
  readonly code: SmtpFaultCode
  readonly sentence: string
}

export type SmtpFaultCode = Extract<ErrorCode, `SMTP_${string}`>

/** The fault behind a failure that is not about one mail. */
export function smtpFaultOf(failure: SmtpFailure, smtp: { readonly requireTls: boolean }): SmtpFault {
  const { codes, replyCode, command } = failure
  const has = (names: readonly string[]) => codes.some(code => names.includes(code))
  if (isAboutSignIn(failure)) return { code: 'SMTP_LOGIN_REFUSED', sentence: loginSentence(failure) }
  if (has(['EDNS'])) return { code: 'SMTP_HOST_UNKNOWN', sentence: HOST_UNKNOWN }
  if (has(['ERR_TLS_CERT_ALTNAME_INVALID'])) {
    return { code: 'SMTP_CERTIFICATE_WRONG_NAME', sentence: WRONG_NAME }
  }
  if (has(UNTRUSTED)) return { code: 'SMTP_CERTIFICATE_UNTRUSTED', sentence: untrustedSentence(has) }
  if (command === 'STARTTLS' && replyCode !== undefined) {
    return { code: 'SMTP_TLS_FAILED', sentence: smtp.requireTls ? NO_STARTTLS : STARTTLS_REFUSED }
  }
  if (codes.some(code => /^ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/.test(code))) {
    return { code: 'SMTP_TLS_FAILED', sentence: NO_TLS_THERE }
  }
  if (has(['ETLS', 'EPROTO']) || codes.some(code => /^ERR_(?:SSL|TLS)_/.test(code))) {
    return { code: 'SMTP_TLS_FAILED', sentence: TLS_FAILED }
  }
  if (has(['GREETING_TIMEOUT'])) return { code: 'SMTP_NOT_SPOKEN', sentence: NO_GREETING }
  if (isNotSmtp(failure)) return { code: 'SMTP_NOT_SPOKEN', sentence: NOT_SMTP }
  if (failure.isCrowded) return { code: 'SMTP_UNREACHABLE', sentence: CROWDED }
  return { code: 'SMTP_UNREACHABLE', sentence: failure.isReply ? NOT_LET_IN : UNREACHABLE }
}

/** Whether the server wants us to sign in, or refuses how we did: that is not about the mail. */
export function isAboutSignIn({ codes, replyCode, stage }: SmtpFailure): boolean {
  if (codes.includes('EAUTH')) return replyCode === undefined || replyCode >= 500
  return stage === 'sending' && replyCode !== undefined && SIGN_IN_REPLIES.includes(replyCode)
}

/** RFC 4954, section 6: authentication required, mechanism too weak, credentials invalid, encryption required. */
const SIGN_IN_REPLIES = [530, 534, 535, 538]

const loginSentence = ({ stage, replyCode }: SmtpFailure): string =>
  stage === 'sending' && replyCode === 530
    ? 'The mail server wants us to sign in: put user and password into smtp.url.'
    : 'The mail server refused our user or password (smtp.url).'

const untrustedSentence = (has: (names: readonly string[]) => boolean): string => {
  if (has(['CERT_HAS_EXPIRED'])) return 'The certificate of the mail server has expired: renew it there.'
  if (has(['CERT_NOT_YET_VALID'])) {
    return 'The certificate of the mail server is not valid yet: check the clocks of both machines.'
  }
  return 'The certificate of the mail server is not trusted: set smtp.caFile.'
}

const HOST_UNKNOWN = 'The name of the mail server cannot be resolved: correct the host in smtp.url.'
const WRONG_NAME =
  'The certificate of the mail server is for another name: put a name that it is for into smtp.url.'
const STARTTLS_REFUSED = 'The mail server offers TLS and refused to start it: check its certificate and key.'
const NO_STARTTLS =
  'The mail server does not start TLS (STARTTLS): set it up there, or set smtp.requireTls to false.'
const NO_TLS_THERE =
  'The mail server speaks no TLS on this port: use smtp:// in smtp.url, or its port for TLS.'
const TLS_FAILED = 'TLS with the mail server failed: check its versions and ciphers.'
const NO_GREETING =
  'The mail server did not greet us in time: is the port in smtp.url right? A port that begins with TLS, such as 465, needs smtps://.'
const NOT_SMTP = 'What answers there does not speak SMTP: correct the port in smtp.url.'
const CROWDED =
  'The mail server lets in no more connections from us: let it allow more, or lower delivery.connections.'
const NOT_LET_IN = 'The mail server answers, but does not let us in: its reply and its log say why.'
const UNREACHABLE = 'The SMTP server could not be reached.'

/** The reasons of OpenSSL, as Node names them. */
const UNTRUSTED = [
  'CERT_CHAIN_TOO_LONG',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]

/** A greeting or an answer to HELO that is none of SMTP: "SSH-2.0-…", "* OK IMAP", "500 what?". */
const isNotSmtp = ({ stage, codes, replyCode, command }: SmtpFailure): boolean => {
  if (stage !== 'opening' || !codes.includes('EPROTOCOL')) return false
  return replyCode === undefined || (command === 'HELO' && [500, 502].includes(replyCode))
}
