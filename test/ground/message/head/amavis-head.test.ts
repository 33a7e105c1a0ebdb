import { describe, expect, test } from 'vitest'
import { divideMessage } from '../../../../src/ground/message/head/amavis-head.ts'
import { hasVirus } from '../../../../src/ground/message/head/findings.ts'

const ID = 'j_hWRAnY0bvs'

const HEAD = `X-Envelope-From: <sam@sender.example>
X-Envelope-To: <alice@example.com>,
 <bcc@example.org>
X-Envelope-To-Blocked:
X-Quarantine-ID: <${ID}>
X-Amavis-Alert: BANNED, message contains invoice.exe
X-Spam-Flag: YES
X-Spam-Status: Yes, score=7.2 tag=2 tag2=6 kill=6 tests=[BAYES_99=3.5,
 HTML_MESSAGE=0.001, DKIM_VALID=-0.1, SPF_FAIL=0.9] autolearn=no
Received: from mail.example.net ([192.0.2.1]) by localhost (mx.example.com [127.0.0.1]) (amavis, port 10024)
 with ESMTP id ${ID} for <bcc@example.org>;
 Mon, 2 Mar 2026 06:00:00 +0000 (UTC)
`

const SENT = `Received: from sender (sender.example [198.51.100.1])
X-Amavis-Alert: INFECTED, message contains virus: forged
X-Spam-Status: No, score=-9 tests=[FORGED=-9]
Authentication-Results: mx.example.com; spf=pass; dkim=pass; dmarc=pass
Subject: Hello

Text
`

const divide = (text: string, id = ID) => {
  const octets = new Uint8Array(Buffer.from(text))
  const { messageAt, findings } = divideMessage(octets, id)
  return { findings, message: Buffer.from(octets.subarray(messageAt)).toString() }
}

describe('the head of a message in the quarantine', () => {
  test('is cut off with all recipients, and what its sender sent stays', () => {
    expect(divide(HEAD + SENT).message).toBe(SENT)
    expect(divide((HEAD + SENT).replaceAll('\n', '\r\n')).message).toBe(SENT.replaceAll('\n', '\r\n'))
  })

  test('tells the rules with their points, those that count most first', () => {
    expect(divide(HEAD + SENT).findings?.rules).toEqual([
      { name: 'BAYES_99', points: 3.5 },
      { name: 'SPF_FAIL', points: 0.9 },
      { name: 'DKIM_VALID', points: -0.1 },
      { name: 'HTML_MESSAGE', points: 0.001 },
    ])
  })

  test('counts, and what a sender has forged below it does not', () => {
    const { findings } = divide(HEAD + SENT)
    expect(findings?.alerts).toEqual(['BANNED, message contains invoice.exe'])
    expect(hasVirus(findings)).toBe(false)
    expect(findings?.authentication).toEqual([
      { method: 'spf', result: 'fail' },
      { method: 'dkim', result: 'pass' },
    ])
  })

  test('counts only if it names this mail', () => {
    expect(divide(HEAD + SENT, 'another').findings).toBeUndefined()
    expect(divide(`X-Quarantine-ID: <another>\n${HEAD}${SENT}`).findings).toBeUndefined()
    expect(divide(HEAD + SENT, 'another').message).toBe(SENT)
  })

  test('is cut off also where amavisd has left out its Received', () => {
    const withoutReceived = HEAD.slice(0, HEAD.indexOf('Received:'))
    const { message, findings } = divide(`${withoutReceived}Subject: x\n\nText`)
    expect(message).toBe('Subject: x\n\nText')
    expect(findings).toBeUndefined()
  })

  test('with 10,000 recipients is still found', () => {
    const to = Array.from({ length: 10_000 }, (_, i) => ` <reader${i}@example.com>`).join(',\n')
    const { message, findings } = divide(HEAD.replace(' <alice@example.com>', to) + SENT)
    expect(message).toBe(SENT)
    expect(findings?.rules).toHaveLength(4)
  })

  test('of a message without a header of its own is followed by an empty line', () => {
    expect(divide(`${HEAD}\nText`).message).toBe('\nText')
  })
})
