import { ALICE, type Attachment, type Sample, spam } from './sample.ts'

/** Mail held for its content: banned and unreadable attachments, a virus, a bounce, and one that is merely huge. */
export const RISKY: readonly Sample[] = [
  {
    minutesAgo: 52,
    sender: 'helpdesk@example.org',
    from: { name: 'IT Helpdesk', address: 'helpdesk@example.org' },
    subject: 'The printer driver you asked for',
    verdicts: [{ recipient: ALICE, content: 'B', score: null }],
    text: 'Hi Alice,\n\nhere it is. If the printer smokes, that is a feature.\n\nIT\n',
    attachments: [program('printer-setup.exe')],
  },
  {
    minutesAgo: 820,
    sender: 'dj@party-mix.example',
    from: { name: 'DJ Totally Not A Script', address: 'dj@party-mix.example' },
    subject: 'holiday-song.mp3 (just double-click it)',
    verdicts: [{ recipient: ALICE, content: 'B', score: null }],
    text: 'It is a song. Honestly.\n',
    attachments: [
      { filename: 'holiday-song.mp3.js', type: 'audio/mpeg', content: Buffer.from('// la la la\n') },
    ],
  },
  {
    minutesAgo: 366,
    sender: 'payroll@example.com',
    from: { name: 'Payroll', address: 'payroll@example.com' },
    subject: 'Your payslip (password: your birthday, backwards)',
    verdicts: [{ recipient: ALICE, content: 'U', score: 5.8 }],
    text: 'Dear Alice,\n\nthe archive is encrypted. So, sometimes, is the payslip itself.\n\nPayroll\n',
    attachments: [encryptedZip()],
  },
  {
    minutesAgo: 110,
    sender: 'scanner@copy-room.example',
    from: { name: 'Copy Room Scanner', address: 'scanner@copy-room.example' },
    subject: 'Scanned document (47 pages, all of them evil)',
    verdicts: [{ recipient: ALICE, content: 'V', score: null }],
    text: 'Please see attachment.\n',
    attachments: [{ filename: 'scan.com', type: 'application/octet-stream', content: virusStandIn() }],
  },
  {
    minutesAgo: 627,
    sender: '',
    from: { name: 'Mail Delivery System', address: 'mailer-daemon@mx.example.net' },
    subject: 'Undelivered mail returned to sender',
    verdicts: spam(6.1),
    multipart: 'report; report-type=delivery-status',
    text: 'I am sorry to tell you that your letter to the moon could not be delivered.\n',
    attachments: [
      {
        type: 'message/delivery-status',
        content: Buffer.from(`Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; man@moon.example
Action: failed
Status: 5.1.2
Diagnostic-Code: smtp; 550 5.1.2 No atmosphere
`),
      },
      {
        type: 'message/rfc822',
        content: Buffer.from(`From: Alice <alice@example.com>
To: man@moon.example
Subject: Is it really cheese?

Asking for a mouse.
`),
      },
    ],
  },
  {
    minutesAgo: 944,
    sender: 'uncle.bert@example.net',
    from: { name: 'Uncle Bert', address: 'uncle.bert@example.net' },
    subject: 'My holiday film, uncut',
    verdicts: spam(6.4),
    text: 'Dear Alice,\n\nfour hours of my feet on a beach. There is sound from minute 90.\n\nBert\n',
    attachments: [
      { filename: 'feet.mp4', type: 'video/mp4', content: Buffer.alloc(6 * 1024 * 1024, 'splash ') },
    ],
  },
]

/** The two letters by which file(1) recognises a DOS program, without any code. */
function program(filename: string): Attachment {
  return {
    filename,
    type: 'application/x-msdownload',
    content: Buffer.concat([Buffer.from('MZ'), Buffer.alloc(254)]),
  }
}

/** A ZIP local file header whose bit 0 marks the file as encrypted. */
function encryptedZip(): Attachment {
  const name = Buffer.from('payslip.pdf')
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(20, 4)
  header.writeUInt16LE(1, 6)
  header.writeUInt16LE(name.length, 26)
  return {
    filename: 'payslip.zip',
    type: 'application/zip',
    content: Buffer.concat([header, name, Buffer.alloc(64, 0xa5)]),
  }
}

/** Resembles the EICAR test file but is different, so that no scanner on this computer removes the demo's storage. */
function virusStandIn(): Buffer {
  return Buffer.from(['X5O!P%@AP', 'DEMO-STANDIN', 'ANTIVIRUS-TEST-FILE!'].join('-'))
}
