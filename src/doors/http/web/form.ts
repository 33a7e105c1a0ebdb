import type { Request } from 'express'
import { CodedError } from '../../../ground/errors.ts'

/** In octets: many times the longest body of our forms and of RFC 8058 requests. */
export const LONGEST_BODY = 8192

/** The fields of a posted form; of several with one name, the last. @throws CodedError BODY_UNREADABLE */
export async function formOf(request: Request): Promise<ReadonlyMap<string, string>> {
  return new Map(await fieldsOf(request))
}

/**
 * The fields of a posted form: `application/x-www-form-urlencoded`, or `multipart/form-data` as RFC 8058 allows. A
 * body of another kind has no fields.
 *
 * @throws CodedError BODY_UNREADABLE
 */
export async function fieldsOf(request: Request): Promise<URLSearchParams> {
  const body: unknown = request.body
  const type = request.headers['content-type']
  if (!Buffer.isBuffer(body) || body.length === 0 || !type || !FORM.test(type)) return new URLSearchParams()
  try {
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
    return new URLSearchParams(
      [...form].filter((field): field is [string, string] => typeof field[1] === 'string'),
    )
  } catch (error) {
    throw new CodedError('BODY_UNREADABLE', 'The form could not be read.', { cause: error })
  }
}

const FORM = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\b/i
