import { type Command, InvalidArgumentError } from 'commander'
import { type Cli, type CommonOptions, type DemoUrls, print, printNote, stopSignal } from './context.ts'

interface DemoOptions extends CommonOptions {
  readonly port: number
  readonly inboxPort: number
}

export function addDemo(program: Command, cli: Cli): void {
  program
    .command('demo')
    .description(
      'start a small mail system with sample mail on this computer, and send a digest whose links work',
    )
    .option('--port <number>', 'the port of the links', portNumber, 8080)
    .option('--inbox-port <number>', 'the port of the inbox page', portNumber, 8025)
    .option('--json', 'print the URLs as JSON')
    .action(demo(cli))
}

function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new InvalidArgumentError('Expected a TCP port: 0 to 65535.')
}

const demo =
  (cli: Cli) =>
  async (_options: DemoOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<DemoOptions>()
    const { port, inboxPort } = options
    await cli.runDemo({ port, inboxPort, signal: stopSignal(), onReady: urls => show(urls, options) })
    printNote('Stopped. Nothing is left behind.')
  }

function show(urls: DemoUrls, options: DemoOptions): void {
  if (options.json) {
    print(JSON.stringify(urls))
    return
  }
  print(`
  The inbox:       ${urls.inbox}
  The quarantine:  ${urls.links}/
  For an admin:    ${urls.admin}

  1. Open the inbox, and in it the mail to alice@example.com: her digest. It lists the mail that is held for her.
  2. Press Release next to a message that looks wanted. A page opens; press its button there. Go back to the inbox: the message has arrived.
  3. Open the quarantine and enter alice@example.com. The mail that signs her in comes to the inbox. Open a message to
     read it, and release it. Delete another, and take that back.
  4. Alice calls: where is the invoice from Fenwick? Open the address for an admin, choose Held mail, and search for
     "to:alice fenwick". The address works once, for 15 minutes. After that, enter postmaster@example.com at
     ${urls.links}/admin: another one comes to the inbox.
  5. Alice wants the printer driver, a program, which no reader may release: press its button in her digest, and ask for
     it. A mail to postmaster@example.com says so. As the admin, choose Requests, and approve it with a note. The
     message and the note arrive.
  6. Open a message that Alice wants, and choose to always allow its sender. A few seconds later the sender writes again,
     and the mail arrives in the inbox. Her page of senders takes that back.
  7. helpdesk@example.com signs in at ${urls.links}/admin too, and sees what Alice sees.

  Ctrl-C ends the demo and leaves nothing behind.
`)
}
