import type { ReleaseRequest } from './transport.ts'

/**
 * Why amavisd need not be asked at all; undefined for a request that makes sense.
 *
 * amavisd itself would take an empty recipient for `<>`, copy a line break in a recipient into its SMTP dialogue,
 * and look for a message of an unknown quarantine type in a file.
 */
export function faultOf(request: ReleaseRequest): string | undefined {
  if (!MAIL_ID.test(request.mailId)) return 'The mail id is none that amavisd makes'
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

/** As amavisd tests it. It also keeps an id from looking like an option of a command. */
const MAIL_ID = /^[A-Za-z0-9][A-Za-z0-9_+-]*={0,2}$/

/** base64, in one of its alphabets. */
const SECRET_ID = /^[A-Za-z0-9_+/=-]+$/

/** As amavisd tests it: relative to $QUARANTINEDIR and never above it. */
const FILE = /^(?!.*\.\.(?:\/|$))[A-Za-z0-9][A-Za-z0-9/_.+-]*$/

/** SQL, file, gzipped file. */
const RELEASABLE = ['Q', 'F', 'Z']

/** U+FFFD stands for an octet that is not UTF-8: the address is lost. */
const isEnvelopeAddress = (address: string): boolean => address !== '' && !/[\p{Cc}\uFFFD]/u.test(address)
