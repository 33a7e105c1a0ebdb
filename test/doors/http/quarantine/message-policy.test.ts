import { expect, test } from 'vitest'
import { attachmentNamed } from '../../../../src/doors/http/quarantine/message-policy.ts'

test.each([
  ['report.pdf', `attachment; filename="report.pdf"; filename*=UTF-8''report.pdf`],
  ['Übersicht 1.pdf', `attachment; filename="_bersicht 1.pdf"; filename*=UTF-8''%C3%9Cbersicht%201.pdf`],
  ["it's (1)*.txt", `attachment; filename="it's (1)_.txt"; filename*=UTF-8''it%27s%20%281%29_.txt`],
  [
    'a"; filename=evil.exe',
    `attachment; filename="a_; filename=evil.exe"; filename*=UTF-8''a_%3B%20filename%3Devil.exe`,
  ],
  ['../../etc/passwd', `attachment; filename="_.._etc_passwd"; filename*=UTF-8''_.._etc_passwd`],
  [
    'a\r\nSet-Cookie: x=1',
    `attachment; filename="a__Set-Cookie_ x=1"; filename*=UTF-8''a__Set-Cookie_%20x%3D1`,
  ],
  ['invoice\u202Efdp.exe', `attachment; filename="invoice_fdp.exe"; filename*=UTF-8''invoice_fdp.exe`],
  ['50%', `attachment; filename="50_"; filename*=UTF-8''50%25`],
  ['', `attachment; filename="attachment"; filename*=UTF-8''attachment`],
  ['...', `attachment; filename="attachment"; filename*=UTF-8''attachment`],
])('the name of the file %j', (name, header) => expect(attachmentNamed(name)).toBe(header))

test('a long name keeps its ending, and a lone surrogate breaks nothing', () => {
  expect(attachmentNamed(`${'x'.repeat(500)}.pdf.exe`)).toMatch(/filename="x{76}\.exe"/)
  expect(attachmentNamed('a\uD800.txt')).toContain("filename*=UTF-8''a%EF%BF%BD.txt")
})
