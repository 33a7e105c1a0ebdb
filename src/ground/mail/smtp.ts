import { readFileSync } from 'node:fs'
import type * as Nodemailer from 'nodemailer'
import type { Config } from '../config/schema.ts'
import { MINUTE, SECOND } from '../durations.ts'
import { CodedError } from '../errors.ts'
import { onFirstUse } from '../on-first-use.ts'
import { compose } from './compose.ts'
import type { Mailer, SendAnswer } from './mailer.ts'

const nodemailer = onFirstUse<typeof Nodemailer>('nodemailer')

/**
 * Sends mails through nodemailer's connection pool.
 *
 * @param connections how many may be open at once
 * @throws CodedError CONFIG_INVALID when a key or certificate file cannot be read
 */
export function createSmtpMailer(smtp: Config['smtp'], connections: number): Mailer {
  const transporter = nodemailer().createTransport(transportOptions(smtp, connections))
  const listId = `quarantine-digest.${mailDomain(smtp)}`
  const probe = () => transporter.verify().then(() => undefined, replyOf)
  return {
    async send(mail) {
      // nodemailer would take an angle bracket in a quoted local part for the end of the address.
      if (/[<>\r\n]/.test(mail.to)) return { outcome: 'refused', reply: 'not an address that SMTP can carry' }
      try {
        const info = await transporter.sendMail({
          // An object, because a string would be parsed, and "a,b@example.com" would become two recipients.
          envelope: { from: smtp.envelopeFrom, to: [{ name: '', address: mail.to }] },
          raw: compose(mail, smtp.from, listId),
        })
        return { outcome: 'accepted', reply: info.response }
      } catch (error) {
        const answer = answerOf(error)
        if (answer.outcome !== 'unreachable') return answer
        // A server that still lets us in is up: perhaps this very mail breaks the connection.
        return (await probe()) === undefined ? { ...answer, outcome: 'deferred' } : answer
      }
    },
    probe,
    async [Symbol.asyncDispose]() {
      transporter.close()
    },
  }
}

/** The domain of `smtp.from`, which our Message-IDs and the List-Id use too. */
export const mailDomain = (smtp: Config['smtp']): string =>
  /@([^@\s>]+)>?$/.exec(smtp.from)?.[1] ?? 'localhost'

/** The address of `smtp.from`, without the name. */
export const senderAddress = (smtp: Config['smtp']): string => /[^\s<>]+(?=>?$)/.exec(smtp.from)?.[0] ?? ''

function transportOptions(smtp: Config['smtp'], connections: number) {
  const url = new URL(smtp.url)
  const secure = url.protocol === 'smtps:'
  const user = decodeURIComponent(url.username)
  return {
    pool: true as const,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (secure ? 465 : 25)),
    secure,
    requireTLS: smtp.requireTls,
    ...(user ? { auth: { user, pass: decodeURIComponent(url.password) } } : {}),
    tls: {
      rejectUnauthorized: smtp.verifyCertificate,
      ...(smtp.caFile ? { ca: readConfigured('smtp.caFile', smtp.caFile) } : {}),
    },
    ...(smtp.dkim
      ? {
          dkim: {
            domainName: smtp.dkim.domain,
            keySelector: smtp.dkim.selector,
            privateKey: readConfigured('smtp.dkim.keyFile', smtp.dkim.keyFile),
            headerFieldNames: SIGNED_FIELDS,
          },
        }
      : {}),
    ...(smtp.rate ? { rateLimit: Math.max(1, smtp.rate), rateDelta: rateDelta(smtp.rate) } : {}),
    maxConnections: connections,
    maxMessages: 1000,
    // A mail whose connection broke may have been accepted. The digest's row decides whether it is sent again, so
    // nodemailer must not.
    maxRequeues: 0,
    connectionTimeout: 10 * SECOND,
    greetingTimeout: 10 * SECOND,
    socketTimeout: MINUTE,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

/** The fields of RFC 6376, section 5.4.1, and those that RFC 8058, section 4, also wants signed. */
const SIGNED_FIELDS = [
  'From',
  'To',
  'Subject',
  'Date',
  'Message-ID',
  'MIME-Version',
  'Content-Type',
  'Content-Language',
  'Auto-Submitted',
  'List-Id',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
].join(':')

/** nodemailer counts whole mails in a span of time: half a mail a second is one mail in two seconds. */
const rateDelta = (perSecond: number): number => (perSecond >= 1 ? 1000 : Math.round(1000 / perSecond))

function readConfigured(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new CodedError('CONFIG_INVALID', `${option}: ${path} cannot be read.`)
  }
}

function answerOf(error: unknown): SendAnswer {
  const reply = replyOf(error)
  const { code, responseCode } = error as { code?: string; responseCode?: number }
  const isAboutThisMail = code === 'EENVELOPE' || code === 'EMESSAGE'
  if (responseCode !== undefined && isAboutThisMail) {
    return { outcome: responseCode >= 500 ? 'refused' : 'deferred', reply }
  }
  // Without a reply of the server, EENVELOPE means that nodemailer itself refused the address.
  if (code === 'EENVELOPE') return { outcome: 'refused', reply }
  return { outcome: 'unreachable', reply, mayHaveArrived: isAnswerLost(error) }
}

/** Whether a connection broke that may have carried a mail; false if it was never established. */
function isAnswerLost(error: unknown): boolean {
  const { code, syscall, responseCode, timeoutType } = error as Record<string, unknown>
  if (responseCode !== undefined || syscall === 'connect') return false
  if (code === 'ETIMEDOUT') return timeoutType === 'SOCKET_TIMEOUT'
  return code === 'ESOCKET' || code === 'ECONNECTION'
}

function replyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const response = 'response' in error && typeof error.response === 'string' ? error.response : undefined
  return (response ?? error.message).slice(0, 1000)
}
