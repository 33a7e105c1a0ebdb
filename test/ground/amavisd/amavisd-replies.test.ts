import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerFromReplies, unreachable } from '../../../src/ground/amavisd/amavisd-replies.ts'

const AT = 'at /usr/share/perl5/Amavis/In/AMPDP.pm line 311, <GEN19> line 8.'

// Verbatim answers of amavisd 2.13.
const SEEN = [
  ['released', '250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 1'],
  ['refused', '250 2.5.0 No recipients, nothing to do'],
  ['refused', `450 4.5.0 Failure: Secret_id AAAAAAAAAAAA does not match mail_id 5yp5eFVXAmJn ${AT}`],
  ['refused', `450 4.5.0 Failure: Secret_id is required, but missing ${AT}`],
  ['refused', `450 4.5.0 Failure: Invalid mail_id '-AA' ${AT}`],
  ['refused', `450 4.5.0 Failure: Missing 'request' field ${AT}`],
  ['refused', `450 4.5.0 Failure: Unsafe filename '../x' ${AT}`],
  ['gone', `450 4.5.0 Failure: Can't open sql obj for reading: No such file or directory ${AT}`],
  ['gone', `450 4.5.0 Failure: File /var/lib/amavis/virusmails/spam-x.gz does not exist ${AT}`],
  [
    'deferred',
    '450 4.5.0 Failure: Amavis::IO::SQL::open mysql SELECT error: connect_to_sql: unable to connect to any dataset',
  ],
  [
    'deferred',
    '451 4.5.0 From MTA() during fwd-connect (All attempts (1) failed connecting to smtp:[127.0.0.1]:10025): id=rel-AS4YBabjM8Mi',
  ],
  ['deferred', '451 4.2.1 from MTA(smtp:[127.0.0.1]:10025): 451 4.2.1 later'],
  ['deferred', '421 4.3.2 from MTA(smtp:[127.0.0.1]:10025): 421 4.3.2 shutting down'],
  ['refused', '550 5.1.1 from MTA(smtp:[127.0.0.1]:10025): 550 5.1.1 no such user'],
  ['refused', '554 5.7.1 from MTA(smtp:[127.0.0.1]:10025): 554 5.7.1 spam'],
] as const

describe("interpreting amavisd's replies", () => {
  test.each(SEEN)('%s: %s', (outcome, reply) => {
    expect(answerFromReplies([reply], 'SECRETSECRET')).toEqual({ outcome, reply })
  })

  test('an answer without a setreply is not a success', () => {
    expect(answerFromReplies([], 'SECRETSECRET').outcome).toBe('refused')
  })

  test('one failure among several replies makes it a failure', () => {
    const good = '250 2.0.0 Ok'
    expect(answerFromReplies([good, good], 's').outcome).toBe('released')
    expect(answerFromReplies([good, '250 2.5.0 No recipients, nothing to do'], 's').outcome).toBe('refused')
    expect(answerFromReplies([good, '451 4.5.0 later'], 's').outcome).toBe('deferred')
    expect(answerFromReplies(['451 4.5.0 later', good, '550 5.1.1 no'], 's').outcome).toBe('refused')
  })

  test("the next MTA's reply is not mistaken for amavisd's own", () => {
    const reply = "450 4.5.0 from MTA(smtp:[::1]:25): 450 Failure: Can't open sql obj for reading"
    expect(answerFromReplies([reply], 's').outcome).toBe('deferred')
  })

  test('the secret that amavisd repeats is removed', () => {
    const answer = answerFromReplies(
      [`450 4.5.0 Failure: Secret_id QXGqW57LghsN does not match mail_id x ${AT}`],
      'QXGqW57LghsN',
    )
    expect(answer.reply).toContain('Secret_id [secret] does not match')
    expect(unreachable('argument QXGqW57LghsN', true, 'QXGqW57LghsN').reply).toBe('argument [secret]')
  })

  test('any reply becomes one short line without the secret, and a failure among the replies is never a release', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 2000 })), replies => {
        const answer = answerFromReplies(
          [...replies, '450 4.5.0 Failure: Secret_id QXGqW57LghsN'],
          'QXGqW57LghsN',
        )
        expect(answer.outcome).not.toBe('released')
        expect(answer.reply.length).toBeLessThanOrEqual(500)
        expect(answer.reply).not.toMatch(/\p{Cc}|QXGqW57LghsN/u)
      }),
    )
  })
})
