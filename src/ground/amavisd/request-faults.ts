import type { ReleaseRequest } from './transport.ts'

/**
 * Why a request must not reach amavisd; undefined for a valid request.
 *
 * amavisd itself would read an empty recipient as `<>`, copy a line break in a recipient into its SMTP dialogue, and
 * look for a message of an unknown quarantine type in a file.
 */
export function faultOf(request: ReleaseRequest): string | undefined {
  if (!MAIL_ID.test(request.mailId)) return 'The mail id does not have the form that amavisd gives it'
  if (!SECRET_ID.test(request.secretId)) return 'The message has no usable secret_id'
  if (!isEnvelopeAddress(request.recipient)) return 'The recipient is not an envelope address'
  if (!isEnvelopeAddress(request.requestedBy)) return 'The requester is not an envelope address'
  if (!RELEASABLE.includes(request.quarantineType)) {
    return `amavisd cannot release from a quarantine of type ${JSON.stringify(request.quarantineType)}`
  }
  if (request.quarantineType !== 'Q' && !FILE.test(request.quarantineLocation ?? '')) {
    return 'The quarantine file has a name that amavisd refuses'
  }
  return undefined
}

/** amavisd's own check. It also rejects an id that a command would take for an option. */
const MAIL_ID = /^[A-Za-z0-9][A-Za-z0-9_+-]*={0,2}$/

/** base64 in either alphabet. */
const SECRET_ID = /^[A-Za-z0-9_+/=-]+$/

/** amavisd's own check: relative to $QUARANTINEDIR and never above it. */
const FILE = /^(?!.*\.\.(?:\/|$))[A-Za-z0-9][A-Za-z0-9/_.+-]*$/

/** SQL, file and gzipped file. */
const RELEASABLE = ['Q', 'F', 'Z']

/** U+FFFD stands for an octet that was not UTF-8, so the real address is lost. */
const isEnvelopeAddress = (address: string): boolean => address !== '' && !/[\p{Cc}\uFFFD]/u.test(address)
