import { allIn, type CommandForm, type OptionForm, type ValueForm } from './command-tree.ts'

/** A script that completes the command line in zsh: as `_amavis-digest` in a folder of `fpath`, or sourced. */
export const zshCompletion = (program: CommandForm): string => `#compdef amavis-digest
# zsh completion of amavis-digest, made from its definitions.
${allIn(program).map(functionOf).join('\n')}
if [[ $funcstack[1] == _amavis-digest ]]; then
  _amavis-digest "$@"
else
  compdef _amavis-digest amavis-digest
fi
`

function functionOf(command: CommandForm): string {
  const specs = command.options.map(optionSpec)
  return command.commands.length > 0
    ? groupFunction(command, specs)
    : `${nameOf(command)}() {\n  _arguments -S ${[...specs, ...argumentSpecs(command)].join(' \\\n    ')}\n}\n`
}

function groupFunction(command: CommandForm, specs: readonly string[]): string {
  const described = command.commands.map(({ name, description }) =>
    quoted(`${name}:${description.replaceAll(':', '\\:')}`),
  )
  const cases = command.commands.map(sub => `        ${sub.name}) ${nameOf(sub)} ;;`)
  return `${nameOf(command)}() {
  local curcontext=$curcontext state line
  local -a commands=(
    ${described.join('\n    ')}
  )
  _arguments -C ${[...specs, "'1: :->command'", "'*:: :->rest'"].join(' \\\n    ')}
  case $state in
    command) _describe command commands ;;
    rest)
      case $line[1] in
${cases.join('\n')}
      esac
      ;;
  esac
}
`
}

function optionSpec(option: OptionForm): string {
  const { short, long, value, mayRepeat } = option
  const description = `[${inSpec(option.description)}]`
  const end = `${description}${value ? valueSpec(value) : ''}`
  if (short !== undefined) return `${quoted(`(${short} ${long})`)}{${short},${long}}${quoted(end)}`
  return quoted(`${mayRepeat ? '*' : ''}${long}${end}`)
}

/** An argument that may be left out has two colons. */
const argumentSpecs = ({ args }: CommandForm): string[] =>
  args.map((argument, index) => quoted(`${index + 1}${argument.isRequired ? '' : ':'}${valueSpec(argument)}`))

const valueSpec = ({ name, isFile, choices }: ValueForm): string =>
  `:${inSpec(name)}:${isFile ? '_files' : `(${choices.join(' ')})`}`

/** Brackets and colons end the parts of a specification. */
const inSpec = (text: string): string => text.replace(/[[\]:\\]/g, '\\$&')

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const nameOf = ({ path }: CommandForm): string =>
  ['_amavis-digest', ...path.split(' ').filter(Boolean)].join('__')
