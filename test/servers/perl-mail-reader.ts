import { spawnSync } from 'node:child_process'

/** What Perl's MIME::Parser and Mail::DKIM, which amavisd uses, find in a mail. */
export interface ReadByPerl {
  readonly subject: string
  /** With LF at the end of each line. */
  readonly text: string
  readonly html: string
  /** "pass", or why not. */
  readonly dkim: string
}

/**
 * Reads mails in one process.
 * @param publicKey of the signatures, in base64 of its DER
 */
export function readByPerl(mails: readonly Buffer[], publicKey: string): ReadByPerl[] {
  const input = Buffer.concat(mails.flatMap(mail => [Buffer.from(`${mail.length}\n`), mail]))
  const { status, stdout, stderr } = spawnSync('perl', ['-e', READER, publicKey], {
    input,
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(stderr.toString())
  const lines = stdout.toString().trimEnd().split('\n')
  return lines.map(line => {
    const [subject = '', text = '', html = '', dkim = ''] = line.split(' ')
    const written = (hex: string) => Buffer.from(hex, 'hex').toString()
    const lined = (hex: string) => written(hex).replaceAll('\r\n', '\n')
    return { subject: written(subject), text: lined(text), html: lined(html), dkim: written(dkim) }
  })
}

const READER = String.raw`
use strict; use warnings;
use MIME::Parser; use Encode; use Mail::DKIM::Verifier; use Mail::DKIM::PublicKey;
my $key = shift;
# In place of a question to the DNS.
{ no warnings 'redefine'; *Mail::DKIM::PublicKey::fetch_async = sub {
  my ($class, %query) = @_;
  my $found = $query{Callbacks}{Success}->(Mail::DKIM::PublicKey->parse("v=DKIM1; k=rsa; p=$key"));
  sub { $found };
}; }
binmode STDIN; $/ = "\n";
my $parser = MIME::Parser->new; $parser->output_to_core(1);
while (defined(my $length = <STDIN>)) {
  read(STDIN, my $mail, $length) == $length or die;
  my $entity = $parser->parse_data($mail);
  my %content = map { lc($_->effective_type) => $_->bodyhandle->as_string } grep { $_->bodyhandle } $entity->parts_DFS;
  my $subject = $entity->head->get('Subject'); chomp $subject;
  my $verifier = Mail::DKIM::Verifier->new; $verifier->PRINT($mail); $verifier->CLOSE;
  print join(' ', map { unpack('H*', $_) }
    encode('UTF-8', decode('MIME-Header', $subject)), @content{'text/plain', 'text/html'}, $verifier->result_detail), "\n";
}
`
