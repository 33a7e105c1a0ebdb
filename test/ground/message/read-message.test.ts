import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { TooLarge } from '../../../src/ground/message/octets/limits.ts'
import { readAttachment, readContent, readHtml } from '../../../src/ground/message/read-message.ts'

const read = (text: string | Buffer) => readContent(new Uint8Array(Buffer.from(text as string)))

const latin1 = (text: string) => Buffer.from(text, 'latin1')

describe('the text of a message', () => {
  test.each([
    ['without a Content-Type', 'Subject: x\n\nHello', 'Hello'],
    ['without a body', 'Subject: x\n', ''],
    ['without anything', '', ''],
    ['without a header', '\nHello', 'Hello'],
    ['with NUL in its header and body', 'Subject: a\0b\n\nb\0c', 'bc'],
    [
      'in a charset that nobody knows',
      latin1('Content-Type: text/plain; charset=x-none\n\ncaf\xe9 \x80'),
      'café €',
    ],
    ['in UTF-8 that calls itself latin', 'Content-Type: text/plain; charset=iso-8859-1\n\ncafé', 'café'],
    [
      'in latin that calls itself UTF-8',
      latin1('Content-Type: text/plain; charset=utf-8\n\ncaf\xe9'),
      'café',
    ],
    ['in ASCII that calls itself UTF-16', 'Content-Type: text/plain; charset=utf-16\n\nplain', 'plain'],
    [
      'in a code page',
      latin1('Content-Type: text/plain; charset=cp932\n\n\x83\x65\x83\x58\x83\x67'),
      'テスト',
    ],
    ['with bidi and control characters', '\na\u202Eb\u2066c\x07d\tx\r\n\u200Bnext', 'abcd\tx\nnext'],
    [
      'with a URL that deceives',
      '\nsee http://bank.example@evil.example/a',
      'see http://bank.example@evil.example/a [evil.example]',
    ],
    [
      'quoted-printable',
      'Content-Transfer-Encoding: quoted-printable\n\ncaf=C3=A9 =\nnext =3D =ZZ',
      'café next = =ZZ',
    ],
    [
      'base64 with padding in each line',
      'Content-Transfer-Encoding: BASE64\n\naGVsbG8=\nIHdvcmxk',
      'hello world',
    ],
    ['as a multipart without a boundary', 'Content-Type: multipart/mixed\n\nHello', 'Hello'],
    ['as a multipart without parts', 'Content-Type: multipart/mixed; boundary=b\n\nHello', 'Hello'],
    [
      'as HTML',
      'Content-Type: text/html\n\n<p>Pay <a href="http://evil.example/x">here</a></p><script>1</script>',
      'Pay here [evil.example]',
    ],
  ])('%s', async (_what, message, text) => {
    expect(await read(message)).toMatchObject({ text, isTextCut: false })
  })

  test('is the plain one of two, and HTML where that is blank', async () => {
    const both = (plain: string) =>
      `Content-Type: multipart/alternative; boundary=b\n\n--b\n\n${plain}\n--b\nContent-Type: text/html\n\n<b>rich</b>\n--b--\n`
    expect(await read(both('plain'))).toMatchObject({ text: 'plain', hasHtml: true, attachments: [] })
    expect(await read(both(' '))).toMatchObject({ text: 'rich', hasHtml: true })
  })

  test('is cut if it is long', async () => {
    const { text, isTextCut } = await read(`\n${'word '.repeat(100_000)}`)
    expect(isTextCut).toBe(true)
    expect(text.length).toBeLessThanOrEqual(100_000)
  })

  test('is read up to a limit of all parts together', async () => {
    const part = `--b\nContent-Type: text/html\n\n<p>some</p><!--${'x'.repeat(980_000)}-->\n`
    const message = `Content-Type: multipart/mixed; boundary=b\n\n${part.repeat(4)}--b--\n`
    const { text, isTextCut } = await read(message)
    expect({ parts: text.split('some').length - 1, isTextCut }).toEqual({ parts: 3, isTextCut: true })
    const html = await readHtml(new Uint8Array(Buffer.from(message)))
    expect(html?.split('some')).toHaveLength(4)
  })

  test('its addresses are decoded, and the first field counts', async () => {
    const header =
      'From: =?iso-8859-1?Q?Caf=E9?= <a@b.example>\nFrom: c@d.example\nReply-To: Bö <r@e.example>\n\n'
    expect(await read(header)).toMatchObject({ from: 'Café <a@b.example>', replyTo: 'Bö <r@e.example>' })
  })
})

describe('an attachment', () => {
  const attached = (header: string, body: string) =>
    `Content-Type: multipart/mixed; boundary="b b"\n\n--b b\n\nHi\n--b b\n${header}\n\n${body}\n--b b--\n`
  const base64 = (octets: Buffer) => octets.toString('base64')

  test('has a name, two types, a size and a hash', async () => {
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
    const { attachments } = await read(
      attached('Content-Type: application/pdf; name="x.pdf"\nContent-Transfer-Encoding: base64', base64(png)),
    )
    expect(attachments).toEqual([
      {
        index: 0,
        name: 'x.pdf',
        type: 'application/pdf',
        sniffedType: 'image/png',
        size: png.length,
        sha256: createHash('sha256').update(png).digest('hex'),
      },
    ])
  })

  test.each([
    ["filename*0*=utf-8''R%C3%BC; filename*1=ck; filename*2=.pdf", 'Rück.pdf'],
    ["filename*=iso-8859-1'de'R%FCck.pdf", 'Rück.pdf'],
    ['filename="=?utf-8?B?UsO8Y2sucGRm?="', 'Rück.pdf'],
    ['filename="gpj.exe\u202E.txt"', 'gpj.exe.txt'],
    ['filename="../../etc/passwd"', 'passwd'],
    ['filename="C:\\\\temp\\\\a.exe"', 'a.exe'],
    ['filename="a\\"b.txt"', 'a"b.txt'],
    ['filename=""', 'attachment-1'],
    [`filename="${'a'.repeat(300)}.exe"`, `${'a'.repeat(90)}…${'a'.repeat(26)}.exe`],
  ])('with %s is named %s', async (parameter, name) => {
    const { attachments } = await read(attached(`Content-Disposition: attachment; ${parameter}`, 'x'))
    expect(attachments.map(attachment => attachment.name)).toEqual([name])
  })

  test('that is an archive is told by its names and never unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000))
    const header = 'Content-Type: application/gzip\nContent-Transfer-Encoding: base64'
    expect((await read(attached(header, base64(bomb)))).attachments).toMatchObject([
      { sniffedType: 'application/gzip', size: bomb.length },
    ])
    const zip = Buffer.from('PK\x03\x04 … word/document.xml … PK\x01\x02', 'latin1')
    expect((await read(attached(header, base64(zip)))).attachments).toMatchObject([
      { sniffedType: expect.stringContaining('wordprocessingml') },
    ])
  })

  test('that is a message stays one file, and can be fetched by its place', async () => {
    const message = attached('Content-Type: message/rfc822', 'Subject: inner\n\nInner text')
    expect(await read(message)).toMatchObject({ text: 'Hi', attachments: [{ name: 'message-1.eml' }] })
    const file = readAttachment(new Uint8Array(Buffer.from(message)), 0)
    expect(Buffer.from(file?.content ?? []).toString()).toBe('Subject: inner\n\nInner text')
    expect(readAttachment(new Uint8Array(Buffer.from(message)), 1)).toBeUndefined()
  })
})

describe('a message is too large to be shown', () => {
  const nested = (depth: number) =>
    Array.from(
      { length: depth },
      (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\n\n--b${i}\n`,
    ).join('')

  test.each([
    ['with 10,000 parts', `Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\nx\n'.repeat(10_000)}--b--`],
    ['with 500 parts within each other', `${nested(500)}\nx`],
    ['with 2 MB of headers', `Subject: x\nX-Long: ${'y'.repeat(2_000_000)}\n\nHello`],
  ])('%s', async (_what, message) => {
    await expect(read(message)).rejects.toThrow(TooLarge)
  })
})
