import { join } from 'node:path'
import { startChild } from './child.ts'
import { privateDir } from './private-dir.ts'
import { waitUntil } from './wait.ts'

/** systemd's end of sd_notify(3). In Perl, because Node has no datagrams over Unix sockets. */
export interface NotifySocket extends AsyncDisposable {
  /** The value of NOTIFY_SOCKET. */
  readonly path: string
  /** The messages so far, in their order. */
  messages(): string[]
}

export async function listenForNotifications(): Promise<NotifySocket> {
  const dir = privateDir('notify', 'root')
  const path = join(dir.path, 'notify.sock')
  const child = startChild('perl', ['-e', LISTENER, path])
  await child.whileAlive(waitUntil('the socket', () => child.output().includes('listening\n')))
  return {
    path,
    messages: () => child.output().split('\n').slice(1, -1),
    [Symbol.asyncDispose]: async () => {
      await child.kill()
      dir.remove()
    },
  }
}

const LISTENER = `
use IO::Socket::UNIX; use Socket;
$| = 1;
my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die $!;
print "listening\\n";
while (defined $socket->recv(my $message, 4096)) {
  $message =~ s/\\n+$//; $message =~ s/\\n/ /g;
  print "$message\\n";
}`
