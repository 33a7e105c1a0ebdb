import {
  type ArgumentForm,
  allIn,
  type CommandForm,
  type OptionForm,
} from '../../src/doors/cli/completion/command-tree.ts'

/** What the definitions do not say. */
export interface ManFacts {
  readonly examples: (path: string) => readonly (readonly [line: string, does: string])[]
  readonly configFile: string
}

/** A manual page, amavis-digest(1), in the macros of man(7). */
export function manPage(program: CommandForm, facts: ManFacts): string {
  const commands = allIn(program).filter(command => command.path !== '' && command.commands.length === 0)
  const parts = [
    '.\\" Made from the definitions of the commands.',
    '.TH AMAVIS\\-DIGEST 1 "" amavis\\-digest "User Commands"',
    '.SH NAME',
    'amavis\\-digest \\- mails digests of what amavisd quarantined',
    '.SH SYNOPSIS',
    '.B amavis\\-digest',
    '.I command',
    '.RI [ options ]',
    '.SH DESCRIPTION',
    text(program.description),
    '.PP',
    'Results are printed on stdout, messages for people on stderr.',
    '.SH OPTIONS',
    'These may be given with every command.',
    ...program.options.flatMap(optionLines),
    '.SH COMMANDS',
    ...commands.flatMap(command => commandLines(program, command, facts)),
    '.SH EXIT STATUS',
    ...term('0', 'Done.'),
    ...term('1', 'Failed.'),
    ...term('2', 'Wrong usage or configuration.'),
    '.SH ENVIRONMENT',
    ...term('AMAVIS_DIGEST_CONFIG', 'The configuration file, unless \\-\\-config names one.'),
    ...term(
      'AMAVIS_DIGEST_STORAGE_URL',
      'The option storage.url, and so on for every option of the configuration. An empty variable counts as not set.',
    ),
    ...term(
      'AMAVIS_DIGEST_STORAGE_URL_FILE',
      'A file that holds storage.url, and so on for every option that holds a password.',
    ),
    '.SH FILES',
    ...term(
      facts.configFile,
      'The configuration. \\fBamavis\\-digest init\\fR writes one with every option and its meaning.',
    ),
    '.SH EXAMPLES',
    ...facts.examples('').flatMap(exampleLines),
    '.SH SEE ALSO',
    '.BR amavisd (8),',
    '.BR systemd.unit (5)',
  ]
  return `${parts.join('\n')}\n`
}

function commandLines(program: CommandForm, command: CommandForm, { examples }: ManFacts): string[] {
  const isGlobal = (option: OptionForm) => program.options.some(({ long }) => long === option.long)
  const args = command.args.map(argumentName).join(' ')
  return [
    `.SS ${inRoff(`${command.path} ${args}`.trim())}`,
    text(sentence(command.description)),
    ...command.args.flatMap(argument => term(inRoff(argument.name), text(sentence(argument.description)))),
    ...command.options.filter(option => !isGlobal(option)).flatMap(optionLines),
    ...examples(command.path).flatMap(exampleLines),
  ]
}

const argumentName = ({ name, isRequired }: ArgumentForm): string => (isRequired ? name : `[${name}]`)

const optionLines = (option: OptionForm): string[] =>
  term(inRoff(option.flags), text(sentence(option.description)))

const exampleLines = ([line, does]: readonly [string, string]): string[] => [
  '.PP',
  text(`${sentence(does).replace(/\.$/, ':')}`),
  '.PP',
  '.EX',
  `    ${text(`amavis-digest ${line}`)}`,
  '.EE',
]

/** A paragraph with a term in bold and what it means. */
const term = (name: string, meaning: string): string[] => [
  '.TP',
  `.B "${name.replaceAll('"', '\\(dq')}"`,
  meaning,
]

function sentence(words: string): string {
  // amavisd is a name.
  const start = words.startsWith('amavis') ? words.charAt(0) : words.charAt(0).toUpperCase()
  return `${start}${words.slice(1)}${/[.:]$/.test(words) ? '' : '.'}`
}

/** A line that begins with a point or an apostrophe would be taken for a macro. */
const text = (words: string): string => inRoff(words).replace(/^(?=[.'])/, '\\&')

const inRoff = (words: string): string =>
  words.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll("'", '\\(aq').replaceAll('…', '...')
