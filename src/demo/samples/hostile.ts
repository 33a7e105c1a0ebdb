import { type Sample, spam } from './sample.ts'

/** Mail that tries to break the digest, its pages or its reader's trust. */
export const HOSTILE: readonly Sample[] = [
  {
    minutesAgo: 87,
    sender: 'bobby@tables.example',
    from: { name: '<b onmouseover=alert(1)>Bobby</b>', address: 'bobby@tables.example' },
    subject: `<script>alert('digest')</script><img src=x onerror=alert(2)>`,
    verdicts: spam(25.3),
    text: '<script>alert("text part")</script>\n',
    html: `<p onclick="alert(1)">Click me, I am harmless.</p><script>alert('html part')</script>
<img src="x" onerror="alert(3)" alt="a broken picture">`,
  },
  {
    minutesAgo: 166,
    sender: 'accounts@right-to-left.example',
    from: { name: 'Accounts', address: 'accounts@right-to-left.example' },
    // The override makes it read as “invoice-exe.pdf”.
    subject: 'Please check invoice-\u202efdp.exe',
    verdicts: spam(16.4),
    text: 'The name of this attachment reads differently from both ends.\n',
  },
  {
    minutesAgo: 231,
    sender: 'templates@curly.example',
    from: { name: '{{this.constructor}}', address: 'templates@curly.example' },
    subject: '{{#each secrets}}{{{this}}}{{/each}} {count, plural, other {#}} #{7*7} %s',
    verdicts: spam(18.1),
    text: '{{> digest}}\n',
  },
  {
    minutesAgo: 299,
    sender: 'layout@mail-markup.example',
    from: { name: 'Markup Fan', address: 'layout@mail-markup.example' },
    subject: '</mj-text><mj-raw><h1>This digest is mine now</h1></mj-raw>',
    verdicts: spam(18.6),
    text: 'No, it is not.\n',
  },
  {
    minutesAgo: 428,
    sender: 'smile@example.net',
    from: { name: 'Smile Department', address: 'smile@example.net' },
    subject: '😀'.repeat(255),
    verdicts: spam(20.2),
    text: 'We ran out of words.\n',
  },
  {
    minutesAgo: 541,
    sender: 'security@bank-alert.example',
    from: { name: 'Your Bank', address: 'security@bank-alert.example' },
    subject: 'Verify now: https://bank.example/login?user=alice or www.example.net, call +1 555 0100',
    verdicts: spam(23.5),
    text: 'Your account will be locked, unlocked and locked again: https://bank-alert.example/\n',
    html: '<p>Your account will be locked. <a href="https://bank-alert.example/">https://bank.example/</a></p>',
  },
  {
    minutesAgo: 608,
    sender: 'injection@example.org',
    from: { name: 'Mallory', address: 'injection@example.org' },
    rawHeader: ['Subject: =?utf-8?Q?Hello=0D=0ABcc:_everyone=40example.com=0D=0A=0D=0AInjected_body?='],
    verdicts: spam(21.9),
    text: 'Did your header section split?\n',
  },
  {
    minutesAgo: 712,
    sender: 'void@zalgo.example',
    from: { name: 'Z̷̢̛̻̖̙̦̝͖̈́̉̆͑̑͗̕a̴̡̨͉̳̗͚̐͋̄̏̍͘l̶̨̛̫̝̬͛̇̿̐̀͌g̵̢͔̖͇̞̠̑̓̍̕͝o̸̧̢̨̭̙̐̂́̍̉͝', address: 'void@zalgo.example' },
    subject: 'H̵̨̡̛̙̻̤͚̥̅̓͑̍͋͊͘e̷̢̡̛̳̥̺͖̓͒͐̒̑͘ ̸̡̧̛̟̝̗͉̐̈́̆̓̚͠c̴̨̢̛̻̞͉̙̑̀̈́̒̚͝ö̷̧̨̡̳̟͇̙́̑̀̓͒̕m̸̢̧̛̺̟̦̈́̏̐̎̚͜͝e̷̡̡̛̜̰̘͐́̄̂̕͜͝s̵̡̧̛̫̖͔̐̓̄͘͝ͅ',
    verdicts: spam(19.1),
    text: 'He is late.\n',
  },
  {
    minutesAgo: 793,
    // “аррӏе” in Cyrillic letters.
    sender: 'store@xn--80ak6aa92e.example',
    from: { name: 'Fruit Store', address: 'store@xn--80ak6aa92e.example' },
    subject: 'Your receipt for 14 golden telephones',
    verdicts: spam(13.8),
    text: 'If you did not order them, sign in with your password twice.\n',
  },
  {
    minutesAgo: 888,
    sender: 'x93@cheap-hosting.example',
    from: { name: 'billing@fenwick-and-daughters.example', address: 'x93@cheap-hosting.example' },
    subject: 'Invoice 2482: our bank account has moved to an island',
    verdicts: spam(12.9),
    text: 'Dear Alice, kindly pay all future taps to the palm tree below.\n',
  },
  {
    minutesAgo: 1004,
    sender: 'nobody@example.net',
    from: { address: 'nobody@example.net' },
    subject: '',
    verdicts: spam(7.2),
    text: '(This space is intentionally left blank.)\n',
  },
  {
    minutesAgo: 1130,
    sender: `${'very.'.repeat(11)}long@${'deep.'.repeat(24)}example`,
    from: {
      name: `Sir Percival ${'Archibald '.repeat(16)}Smith`,
      address: `${'very.'.repeat(11)}long@${'deep.'.repeat(24)}example`,
    },
    rawHeader: [],
    verdicts: spam(24.8),
    text: 'My calling card did not fit on the tray.\n',
  },
]
