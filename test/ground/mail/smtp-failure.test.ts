import { expect, test } from 'vitest'
import { SmtpFailure } from '../../../src/ground/mail/smtp-failure.ts'

test('of an error of OpenSSL, only its reason is told, in one line', () => {
  const error = new Error(
    '408D0955D27F0000:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:../ssl/record/tlsany_meth.c:77:\n',
  )
  expect(new SmtpFailure('opening', error, false).reply).toBe('wrong version number')
})
