import type { Command } from 'commander'

/** A command line, without the program's name, and what it does. */
export type Example = readonly [line: string, does: string]

/** The examples of a command; those of a group are the first ones of its commands. */
export function examplesOf(command: Command): readonly Example[] {
  const own = EXAMPLES[pathOf(command)]
  if (own) return own
  return command.commands.flatMap(sub => examplesOf(sub).slice(0, 1)).slice(0, 2)
}

/** The examples as the last part of a command's help. */
export function examplesText(command: Command): string {
  const lines = examplesOf(command).flatMap(([line, does]) => [`  # ${does}`, `  amavis-digest ${line}`])
  return lines.length === 0 ? '' : ['', 'Examples:', ...lines].join('\n')
}

/** The names that lead to a command, without the program's: `schedules set`. Empty for the program. */
export const pathOf = (command: Command): string =>
  command.parent === null ? '' : `${pathOf(command.parent)} ${command.name()}`.trim()

const EXAMPLES: Readonly<Record<string, readonly [Example, Example]>> = {
  '': [
    ['demo', 'try it on this computer, without a mail server'],
    ['run --dry-run', 'list the digests that would be made now'],
  ],
  demo: [
    ['demo', 'start it, then open the address that it prints'],
    ['demo --port 0 --inbox-port 0', 'on any free ports'],
  ],
  init: [
    ['init', 'write /etc/amavis-digest/config.yaml'],
    ['init --config ./config.yaml --amavis-conf /etc/amavisd.conf', 'elsewhere, from one file'],
  ],
  doctor: [
    ['doctor', 'is everything as it should be'],
    ['doctor --send-test alice@example.com', 'and does a released message arrive'],
  ],
  migrate: [
    ['migrate', 'after the installation, and after each upgrade'],
    ['migrate --config ./config.yaml', 'with another configuration'],
  ],
  serve: [
    ['serve', 'as a service manager starts it'],
    ['serve --config ./config.yaml', 'with another configuration'],
  ],
  worker: [
    ['worker', 'as a service manager starts it'],
    ['worker --config ./config.yaml', 'with another configuration'],
  ],
  run: [
    ['run --recipient alice@example.com', 'one digest, to one reader'],
    ['run --schedule daily --dry-run', 'who would get one, and nothing is sent'],
  ],
  'recipients list': [
    ['recipients list', 'everything that is set'],
    ['recipients list --domain example.com --search alice', 'only some'],
  ],
  'recipients show': [
    ['recipients show alice@example.com', 'what she gets, and why'],
    ['recipients show @example.com', 'what a new mailbox of the domain gets'],
  ],
  'recipients set': [
    ['recipients set alice@example.com --language fr --pause-until 30d', 'one reader'],
    ['recipients set @example.com --cron "0 7,15 * * 1-5"', 'times for a domain'],
  ],
  'recipients remove': [
    ['recipients remove alice@example.com', 'what holds for her domain then holds for her'],
    ['recipients remove @example.com', 'what holds for everybody then holds for the domain'],
  ],
  'recipients import': [
    ['recipients import settings.csv --dry-run', 'check the file, and change nothing'],
    ['recipients import - --skip-bad < settings.csv', 'from standard input, without its bad lines'],
  ],
  'recipients export': [
    ['recipients export settings.csv', 'everything, into a file'],
    ['recipients export --domain example.com', 'one domain, to the terminal'],
  ],
  'directory show': [
    ['directory show sales@example.com', 'who reads its mail, and by which rows'],
    ['directory show bob@example.com --json', 'the same for scripts'],
  ],
  'directory check': [
    ['directory check', 'does it answer, and whose mail does nobody read'],
    ['directory check --json', 'the same for scripts'],
  ],
  preview: [
    ['preview --recipient alice@example.com --out alice.html', 'to be opened in a browser'],
    ['preview --recipient alice@example.com --json', 'with the subject and the text part'],
  ],
  'held list': [
    ['held list --recipient alice@example.com', 'what is held for her, with mail ids'],
    ['held list --search "from:shop.example after:30d" --json', 'for a script'],
  ],
  'held learn': [
    ['held learn j0hWRAnY0bvs --recipient alice@example.com --not-spam', 'it was held as spam, and was none'],
    ['held learn j0hWRAnY0bvs --recipient alice@example.com --spam', 'it was spam after all'],
  ],
  'held show': [
    ['held show j0hWRAnY0bvs', 'why it is held, and what it says'],
    ['held show j0hWRAnY0bvs --recipient alice@example.com --json', 'for one recipient, for a script'],
  ],
  delete: [
    ['delete j0hWRAnY0bvs --recipient alice@example.com', 'so that nobody sees it for her'],
    ['delete j0hWRAnY0bvs --recipient alice@example.com --undo', 'until the purge takes it'],
  ],
  release: [
    ['release j0hWRAnY0bvs --recipient alice@example.com', 'a message by its mail_id'],
    ['release j0hWRAnY0bvs --recipient alice@example.com --again', 'although a copy may have come'],
  ],
  'requests list': [
    ['requests list', 'what waits for a decision, the oldest first'],
    ['requests list --state refused --json', 'for a script'],
  ],
  'requests approve': [
    ['requests approve 1jjdk8n2c6h4q9v0t7mb3ars5', 'the message is released'],
    ['requests approve 1jjdk8n2c6h4q9v0t7mb3ars5 --note "Be careful."', 'and the reader is told so'],
  ],
  'requests refuse': [
    ['requests refuse 1jjdk8n2c6h4q9v0t7mb3ars5', 'the message stays where it is'],
    ['requests refuse 1jjdk8n2c6h4q9v0t7mb3ars5 --note "It is forged."', 'and why'],
  ],
  'senders list': [
    ['senders list alice@example.com', 'whom her mail filter lets through or holds'],
    ['senders list @example.com --json', 'for a whole domain, for a script'],
  ],
  'senders allow': [
    ['senders allow alice@example.com news@shop.example', 'one sender, for one reader'],
    ['senders allow @example.com @partner.example', 'a whole domain, for a whole domain'],
  ],
  'senders block': [
    ['senders block alice@example.com news@shop.example', 'one sender, for one reader'],
    ['senders block @. @spam.example', 'a whole domain, for everybody'],
  ],
  'senders remove': [
    ['senders remove alice@example.com news@shop.example', 'from either list'],
    ['senders remove alice@example.com news@shop.example --json', 'for a script'],
  ],
  'schedules list': [
    ['schedules list', 'with the next run of each'],
    ['schedules list --json', 'for a script'],
  ],
  'schedules set': [
    ['schedules set weekdays --cron "0 7 * * 1-5" --timezone reader', 'a new one'],
    ['schedules set daily --off', 'nothing is sent until it is on again'],
  ],
  'schedules remove': [
    ['schedules remove weekly', 'asks first if readers have it'],
    ['schedules remove weekly --yes', 'without a question'],
  ],
  'schedules calendar': [
    ['schedules calendar', 'the coming week'],
    ['schedules calendar --days 31', 'the coming month'],
  ],
  status: [
    ['status', 'what waits, and what failed'],
    ['status --retry digests', 'try again now what was put off'],
  ],
  purge: [
    ['purge --dry-run', 'what would be deleted, by kind, and nothing is'],
    ['purge --older-than 60d', 'what is older than that, and not promised to a reader'],
  ],
  'keys list': [
    ['keys list', 'which key signs, and until when older ones verify'],
    ['keys list --json', 'for a script'],
  ],
  'keys rotate': [
    ['keys rotate', 'a running service follows at once'],
    ['keys rotate --json', 'for a script'],
  ],
  'keys revoke': [
    ['keys revoke 7qGK-ukh', 'links that it signed end at once'],
    ['keys revoke 7qGK-ukh --json', 'for a script'],
  ],
  admin: [
    ['admin link postmaster@example.com', 'when no sign-in mail arrives'],
    ['admin link postmaster@example.com --json', 'for a script'],
  ],
  'admin link': [
    ['admin link postmaster@example.com', 'when no sign-in mail arrives'],
    ['admin link postmaster@example.com --json', 'for a script'],
  ],
  'keys api create': [
    ['keys api create monitoring', 'a key that may read everything'],
    ['keys api create desk --scope held:release --domain example.com', 'for held mail there'],
  ],
  'keys api list': [
    ['keys api list', 'who has one, and when it was last used'],
    ['keys api list --json', 'for a script'],
  ],
  'keys api revoke': [
    ['keys api revoke 0123456789ab', 'by its id'],
    ['keys api revoke 0123456789ab --json', 'for a script'],
  ],
  completion: [
    ['completion bash > /etc/bash_completion.d/amavis-digest', 'for every user of bash'],
    ['completion fish > ~/.config/fish/completions/amavis-digest.fish', 'for yourself, in fish'],
  ],
}
