import { expect, test } from 'vitest'
import type { ReleaseAnswer } from '../../../src/ground/amavisd/transport.ts'
import { createReportTeacher } from '../../../src/ground/learning/report-teacher.ts'
import { releaseRequest } from '../amavisd/release-request.ts'

test('a verdict without an address is not offered, and refused', async () => {
  const teacher = teacherThat({ outcome: 'released', reply: '250 Ok' })
  expect(teacher.verdicts).toEqual(['spam'])
  await expect(teacher.teach(message(), 'notSpam')).rejects.toMatchObject({ code: 'LEARN_OFF' })
  await teacher.teach(message(), 'spam')
})

test.each<[ReleaseAnswer, string]>([
  [{ outcome: 'unreachable', reply: 'connect ECONNREFUSED', asked: false }, 'LEARN_FAILED'],
  [{ outcome: 'deferred', reply: '451 4.5.0 later' }, 'LEARN_FAILED'],
  [{ outcome: 'refused', reply: '550 5.7.1 no' }, 'LEARN_FAILED'],
  [{ outcome: 'gone', reply: 'no such message' }, 'MESSAGE_GONE'],
])('%j has failed for good: nobody reports the message later', async (answer, code) => {
  await expect(teacherThat(answer).teach(message(), 'spam')).rejects.toMatchObject({ code })
})

const teacherThat = (answer: ReleaseAnswer) =>
  createReportTeacher({
    transport: { report: async () => answer },
    addresses: { spam: 'spam@example.com', notSpam: undefined },
    patience: 1000,
  })

const message = () => ({
  requestedBy: 'alice@example.com',
  octets: async () => new Uint8Array(),
  handle: async () => ({ ...releaseRequest(), rseqnum: 1, isDeleted: false }),
})
