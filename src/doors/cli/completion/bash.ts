import { allIn, type CommandForm, type OptionForm, type ValueForm } from './command-tree.ts'

/** A script that completes the command line in bash 4 and later. */
export function bashCompletion(program: CommandForm): string {
  const commands = allIn(program)
  const valued = unique(
    commands.flatMap(({ options }) => options.filter(({ value }) => value).flatMap(namesOf)),
  )
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`)
  return `# bash completion of amavis-digest, made from its definitions.
_amavis_digest() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} path='' words='' options='' files='' i word
  COMPREPLY=()
  # bash splits --option=value into three words.
  [[ $cur == = ]] && cur=''
  [[ $prev == = ]] && prev=\${COMP_WORDS[COMP_CWORD - 2]}
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      ${valued.join(' | ')})
        [[ \${COMP_WORDS[i + 1]} == = ]] && ((i++))
        ((i++))
        ;;
      -*) ;;
      *)
        case "\${path:+$path }$word" in
          ${paths.join(' | ')}) path="\${path:+$path }$word" ;;
        esac
        ;;
    esac
  done
  case $path in
${commands.map(caseOf).join('\n')}
  esac
  # Options are shown once a dash is typed, or where nothing else may stand.
  if [[ $cur == -* ]]; then
    words=$options files=''
  elif [[ -z $words$files ]]; then
    words=$options
  fi
  if [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  fi
  [[ -n $words ]] && mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$words" -- "$cur")
  return 0
}
complete -F _amavis_digest amavis-digest
`
}

function caseOf(command: CommandForm): string {
  const values = command.options.flatMap(option => (option.value ? [valueCase(option, option.value)] : []))
  const { choices, takesFile } = argumentWords(command)
  const names = command.commands.map(({ name }) => name)
  return `    '${command.path}')
      case $prev in
${values.join('\n')}
        *)
          words='${[...choices, ...names].join(' ')}'
          options='${command.options.flatMap(namesOf).join(' ')}'${takesFile ? '\n          files=yes' : ''}
          ;;
      esac
      ;;`
}

const valueCase = (option: OptionForm, { isFile, choices }: ValueForm): string =>
  `        ${namesOf(option).join(' | ')}) ${isFile ? 'files=yes' : `words='${choices.join(' ')}'`} ;;`

const argumentWords = ({ args }: CommandForm) => ({
  choices: args.flatMap(({ choices }) => choices),
  takesFile: args.some(({ isFile }) => isFile),
})

const namesOf = ({ short, long }: OptionForm): string[] => (short === undefined ? [long] : [short, long])

const unique = (words: readonly string[]): string[] => [...new Set(words)]
