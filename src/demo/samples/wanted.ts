import { ALICE, BOB, MUELLER, ONEIL, type Sample, spam } from './sample.ts'

/** Mail that people were waiting for, held by mistake. Digests exist because of it. */
export const WANTED: readonly Sample[] = [
  {
    minutesAgo: 41,
    sender: 'bounce-4711@lists.riverside-primary.example',
    from: { name: 'Riverside Primary School', address: 'office@riverside-primary.example' },
    subject: 'Sports day on Friday: please bring a hat and a spare sock',
    verdicts: spam(4.7),
    rules: [
      ['SPF_PASS', -0.001],
      ['DKIM_VALID', -0.1],
      ['HTML_MESSAGE', 0.001],
      ['BAYES_50', 0.8],
      ['GAPPY_SUBJECT', 2.2],
    ],
    text: `Dear parents,

sports day is on Friday at nine. Please bring a hat, water and one spare sock
(last year's sack race was merciless).

The parents' race is voluntary. Mr Carver has been training since March.

Riverside Primary School
`,
    html: `<h1 style="color:#1d5fa8;font-size:22px">Sports day on Friday</h1>
<p>Dear parents,</p>
<p>sports day is on <strong>Friday at nine</strong>. Please bring a hat, water and one spare sock
(last year’s sack race was merciless).</p>
<p>The parents’ race is voluntary. Mr Carver has been training since March.</p>
<p>Riverside Primary School<br><a href="https://riverside-primary.example/sports-day">The whole programme</a></p>`,
  },
  {
    minutesAgo: 96,
    sender: 'accounts@fenwick-and-daughters.example',
    from: { name: 'Fenwick & Daughters, Plumbing', address: 'accounts@fenwick-and-daughters.example' },
    subject: 'Invoice 2481: your kitchen tap, now silent',
    verdicts: spam(4.1),
    rules: [
      ['SPF_PASS', -0.001],
      ['MONEY_ATTACHED', 2.601],
    ],
    text: `Dear Alice,

please find attached invoice 2481 for one kitchen tap (repaired) and one rubber
duck (recovered). 84.50, payable within 30 days.

Joan Fenwick
`,
    attachments: [
      { filename: 'invoice-2481.pdf', type: 'application/pdf', content: smallPdf('Invoice 2481') },
    ],
  },
  {
    minutesAgo: 187,
    sender: 'people@lighthouse-books.example',
    from: { name: 'Priya Raman, Lighthouse Books', address: 'people@lighthouse-books.example' },
    subject: 'We would love to offer you the job',
    verdicts: spam(4.4),
    text: `Dear Alice,

you were the only candidate who asked the office cat for her opinion. She said yes,
and so did we. The offer is attached; take your time, but not too much: Friday would
be lovely.

Priya
`,
    html: `<p>Dear Alice,</p><p>you were the only candidate who asked the office cat for her opinion.
<strong>She said yes, and so did we.</strong></p>
<p>The offer is attached; take your time, but not too much: Friday would be lovely.</p><p>Priya</p>`,
    attachments: [{ filename: 'offer.pdf', type: 'application/pdf', content: smallPdf('An offer') }],
  },
  {
    minutesAgo: 312,
    sender: 'reminder@smile-dental.example',
    from: { name: 'Dr Molar', address: 'reminder@smile-dental.example' },
    subject: 'Your appointment on Tuesday, 8:40',
    verdicts: spam(4.5),
    text: `Hello Alice,

we look forward to seeing you and all 32 of your teeth on Tuesday at 8:40.

Dr Molar's practice
`,
  },
  {
    minutesAgo: 655,
    sender: 'granny.edith@example.net',
    from: { name: 'GRANNY EDITH', address: 'granny.edith@example.net' },
    subject: 'PICTURES FROM THE SEASIDE!!! OPEN NOW!!!',
    verdicts: spam(5.2),
    rules: [
      ['SUBJ_ALL_CAPS', 0.5],
      ['PLING_PLING', 1.4],
      ['UPPERCASE_75_100', 1.48],
    ],
    text: `DEAR ALICE

I HAVE FOUND THE CAPITALS KEY AND NOW I CANNOT FIND IT AGAIN. HERE IS ME WITH AN ICE CREAM.

LOVE GRANNY
`,
    attachments: [{ filename: 'seaside.gif', type: 'image/gif', content: onePixelGif() }],
  },
  {
    minutesAgo: 74,
    sender: 'chor@stadtkantorei.example',
    from: { name: 'Stadtkantorei', address: 'chor@stadtkantorei.example' },
    verdicts: [{ recipient: ALICE, content: 'H', score: 4.9 }],
    charset: 'iso-8859-1',
    transfer: 'quoted-printable',
    // Eight-bit characters in a header field, as the choir's web form has sent them since 2003.
    rawHeader: [Buffer.from('Subject: Chorprobe fällt heute aus: Tenöre heiser', 'latin1')],
    text: `Liebe Sängerinnen und Sänger,

alle drei Tenöre sind heiser. Die Probe fällt heute aus; Kekse gibt es trotzdem.

Herzliche Grüße
Jürgen
`,
  },
  {
    minutesAgo: 528,
    sender: 'ausleihe@bücherei-köln.example',
    from: { name: 'Stadtbücherei', address: 'ausleihe@bücherei-köln.example' },
    subject: 'Ihr vorgemerktes Buch ist da: „Stricken für Seeleute“',
    verdicts: [{ recipient: ALICE, content: 'M', score: 5 }],
    charset: 'utf-8',
    // A second, nonsensical MIME-Version: amavisd sees bad MIME, but people can read the mail.
    rawHeader: ['MIME-Version: one point oh'],
    text: `Guten Tag,

„Stricken für Seeleute“ liegt bis Samstag für Sie bereit.

Ihre Stadtbücherei
`,
  },
  {
    minutesAgo: 131,
    sender: 'catch@harbour-fish.example',
    from: { name: 'Harbour Fish Market', address: 'catch@harbour-fish.example' },
    subject: 'Today’s catch: mackerel, and one very confused lobster',
    verdicts: [
      { recipient: BOB, content: 'S', score: 4.2 },
      { recipient: ALICE, content: 'S', score: 5.4 },
    ],
    text: `Ahoy Bob, ahoy Alice,

mackerel at 6.90 the kilo. The lobster is not for sale; he works here now.

Harbour Fish Market
`,
  },
  {
    minutesAgo: 402,
    sender: 'minutes@model-railway.example',
    from: { name: 'Model Railway Club', address: 'minutes@model-railway.example' },
    subject: 'Minutes of the meeting that was delayed',
    verdicts: [{ recipient: BOB, content: 'H', score: 0.6 }],
    rawHeader: ['Subject: Re: Minutes of the meeting that was delayed', 'X-Scanner Colon forgotten'],
    text: `Present: seven members and the 10:42 from Little Snoring (late).

The chairman thanked the 10:42 for coming.
`,
  },
  {
    minutesAgo: 225,
    sender: 'tickets@puppet-theatre.example',
    from: { name: 'Puppet Theatre', address: 'tickets@puppet-theatre.example' },
    subject: 'Your two tickets (no strings attached)',
    verdicts: [{ recipient: ONEIL, content: 'S', score: 4.6 }],
    text: `Dear Mr O'Neil,

two seats, row B, Saturday at three. There are strings, of course, but only on stage.
`,
  },
  {
    minutesAgo: 287,
    sender: 'werkstatt@fahrrad-krüger.example',
    from: { name: 'Fahrrad Krüger', address: 'werkstatt@fahrrad-krüger.example' },
    subject: 'Ihr Fahrrad ist fertig – es klingelt wieder',
    verdicts: [{ recipient: MUELLER, content: 'S', score: 5.1 }],
    charset: 'utf-8',
    transfer: 'quoted-printable',
    text: `Guten Tag Frau Müller,

Ihr Fahrrad ist fertig. Die Klingel war nicht kaputt, nur schüchtern.
`,
  },
]

function smallPdf(title: string): Buffer {
  return Buffer.from(
    `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj
trailer<</Root 1 0 R/Info<</Title(${title})>>>>
%%EOF
`,
  )
}

function onePixelGif(): Buffer {
  return Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')
}
