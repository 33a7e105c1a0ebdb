# bash completion of amavis-digest, made from its definitions.
_amavis_digest() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} path='' words='' options='' files='' i word
  COMPREPLY=()
  # bash splits --option=value into three words.
  [[ $cur == = ]] && cur=''
  [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    case $word in
      --config | --port | --inbox-port | --amavis-conf | --ispconfig | --user | --send-test | --through | --dns | --schedule | --recipient | --domain | --search | --cron | --language | --timezone | --deliver-to | --copy-to | --pause-until | --phrase | --lock | --unlock | --clear | --out | --limit | --after | --sort | --partition-tag | --state | --note | --kinds | --min-score | --max-score | --min-messages | --spread | --for | --days | --retry | --drop | --older-than | --scope)
        [[ ${COMP_WORDS[i + 1]} == = ]] && ((i++))
        ((i++))
        ;;
      -*) ;;
      *)
        case "${path:+$path }$word" in
          'demo' | 'init' | 'doctor' | 'migrate' | 'serve' | 'worker' | 'run' | 'recipients' | 'recipients list' | 'recipients show' | 'recipients set' | 'recipients remove' | 'recipients import' | 'recipients export' | 'directory' | 'directory show' | 'directory check' | 'preview' | 'held' | 'held list' | 'held show' | 'held learn' | 'release' | 'delete' | 'requests' | 'requests list' | 'requests approve' | 'requests refuse' | 'senders' | 'senders list' | 'senders allow' | 'senders block' | 'senders remove' | 'schedules' | 'schedules list' | 'schedules set' | 'schedules remove' | 'schedules calendar' | 'status' | 'purge' | 'keys' | 'keys list' | 'keys rotate' | 'keys revoke' | 'keys api' | 'keys api create' | 'keys api list' | 'keys api revoke' | 'admin' | 'admin link' | 'completion') path="${path:+$path }$word" ;;
        esac
        ;;
    esac
  done
  case $path in
    '')
      case $prev in
        --config) files=yes ;;
        *)
          words='demo init doctor migrate serve worker run recipients directory preview held release delete requests senders schedules status purge keys admin completion'
          options='-V --version --config -h --help'
          ;;
      esac
      ;;
    'demo')
      case $prev in
        --port) words='' ;;
        --inbox-port) words='' ;;
        --config) files=yes ;;
        *)
          words=''
          options='--port --inbox-port --json -h --help --config'
          ;;
      esac
      ;;
    'init')
      case $prev in
        --amavis-conf) files=yes ;;
        --ispconfig) files=yes ;;
        --user) words='' ;;
        --config) files=yes ;;
        *)
          words=''
          options='--amavis-conf --ispconfig --user --json -h --help --config'
          ;;
      esac
      ;;
    'doctor')
      case $prev in
        --send-test) words='' ;;
        --through) words='' ;;
        --amavis-conf) files=yes ;;
        --dns) words='' ;;
        --config) files=yes ;;
        *)
          words=''
          options='--send-test --through --amavis-conf --dns --json -h --help --config'
          ;;
      esac
      ;;
    'migrate')
      case $prev in
        --config) files=yes ;;
        *)
          words=''
          options='--json -h --help --config'
          ;;
      esac
      ;;
    'serve')
      case $prev in
        --config) files=yes ;;
        *)
          words=''
          options='-h --help --config'
          ;;
      esac
      ;;
    'worker')
      case $prev in
        --config) files=yes ;;
        *)
          words=''
          options='-h --help --config'
          ;;
      esac
      ;;
    'run')
      case $prev in
        --schedule) words='' ;;
        --recipient) words='' ;;
        --config) files=yes ;;
        *)
          words=''
          options='--schedule --recipient --dry-run --json -h --help --config'
          ;;
      esac
      ;;
    'recipients')
      case $prev in
        --config) files=yes ;;
        *)
          words='list show set remove import export'
          options='-h --help --config'
          ;;
      esac
      ;;
    'recipients list')
      case $prev in
        --domain) words='' ;;
        --search) words='' ;;
        --config) files=yes ;;
        *)
          words=''
          options='--domain --search --json -h --help --config'
          ;;
      esac
      ;;
    'recipients show')
      case $prev in
        --config) files=yes ;;
        *)
          words=''
          options='--json -h --help --config'
          ;;
      esac
      ;;
    'recipients set')
      case $prev in
        --schedule) words='' ;;
        --cron) words='' ;;
        --language) words='' ;;
        --timezone) words='' ;;
        --deliver-to) words='' ;;
        --copy-to) words='' ;;
        --pause-until) words='' ;;
        --phrase) words='' ;;
        --lock) words='' ;;
        --unlock) words='' ;;
        --clear) words='' ;;
        --config) files=yes ;;
        *)
          words=''
          options='--schedule --cron --language --timezone --deliver-to --copy-to --no-copies --leave-out-blocked --list-blocked --pause-until --resume --on --off --phrase --lock --unlock --clear --json -h --help --config'
          ;;
      esac
      ;;
    'recipients remove')
      case $prev in
        --config) files=yes ;;
        *)
          words=''
          options='--json -h --help --config'
          ;;
      esac
      ;;
    'recipients import')
      case $prev in
        --config) files=yes ;;
        *)
          words=''
          options='--skip-bad --dry-run --json -h --help --config'
          files=yes
          ;;
      esac
      ;;
    'recipients export')
      case $prev in
        --domain) words='' ;;
        --config) files=yes ;;
        *)
          words=''
          options='--domain -h --help --config'
          files=yes
          ;;
      esac
      ;;
    'directory')
      case $prev in
        --config) files=yes ;;
        *)
          words='show check'
          options='-h --help --config'
          ;;
      esac
      ;;
    'directory show')
      case $prev in
        --config) files=yes ;;
        *)
          words=''
          options='--json -h --help --config'
          ;;
      esac
      ;;
    'directory check')
      case $prev in
        --config) files=yes ;;
        *)
          words=''
          options='--json -h --help --config'
          ;;
      esac
      ;;
    'preview')
      case $prev in
        --recipient) words='' ;;
        --out) files=yes ;;
        --config) files=yes ;;
        *)
          words=''
          options='--recipient --out --json -h --help --config'
          ;;
      esac
      ;;
    'held')
      case $prev in
        --config) files=yes ;;
        *)
          words='list show learn'
          options='-h --help --config'
          ;;
      esac
      ;;
    'held list')
      case $prev in
        --recipient) words='' ;;
        --search) words='' ;;
        --limit) words='' ;;
        --after) words='' ;;
        --sort) words='date score sender subject size type' ;;
        --config) files=yes ;;
        *)
          words=''
          options='--recipient --search --limit --after --sort --ascending --json -h --help --config'
          ;;
      esac
      ;;
    'held show')
      case $prev in
        --recipient) words='' ;;
        --partition-tag) words='' ;;
        --config) files=yes ;;
        *)
          words=''
          options='--recipient --partition-tag --json -h --help --config'
          ;;
      esac
      ;;
    'held learn')
      case $prev in
        --recipient) words='' ;;
        --partition-tag) words='' ;;
        --config) files=yes ;;
        *)
          words=''
          options='--recipient --spam --not-spam --partition-tag --json -h --help --config'
          ;;
      esac
      ;;
    'release')
      case $prev in
        --recipient) words='' ;;
        --partition-tag) words='' ;;
        --config) files=yes ;;
        *)
          words=''
          options='--recipient --again --partition-tag --json -h --help --config'
          ;;
      esac
      ;;
    'delete')
      case $prev in
        --recipient) words='' ;;
        --partition-tag) words='' ;;
        --config) files=yes ;;
        *)
          words=''
          options='--recipient --undo --partition-tag --json -h --help --config'
          ;;
      esac
      ;;
    'requests')
      case $prev in
        --config) files=yes ;;
        *)
          words='list approve refuse'
          options='-h --help --config'
          ;;
      esac
      ;;
    'requests list')
      case $prev in
        --state) words='waiting approved refused expired released gone any' ;;
        --limit) words='' ;;
        --after) words='' ;;
        --config) files=yes ;;
        *)
          words=''
          options='--state --limit --after --json -h --help --config'
          ;;
      esac
      ;;
    'requests approve')
      case $prev in
        --note) words='' ;;
        --config) files=yes ;;
        *)
          words=''
          options='--note --json -h --help --config'
          ;;
      esac
      ;;
    'requests refuse')
      case $prev in
        --note) words='' ;;
        --config) files=yes ;;
        *)
          words=''
          options='--note --json -h --help --config'
          ;;
      esac
      ;;
    'senders')
      case $prev in
        --config) files=yes ;;
        *)
          words='list allow block remove'
          options='-h --help --config'
          ;;
      esac
      ;;
    'senders list')
      case $prev in
        --config) files=yes ;;
        *)
          words=''
          options='--json -h --help --config'
          ;;
      esac
      ;;
    'senders allow')
      case $prev in
        --config) files=yes ;;
        *)
          words=''
          options='--json -h --help --config'
          ;;
      esac
      ;;
    'senders block')
      case $prev in
        --config) files=yes ;;
        *)
          words=''
          options='--json -h --help --config'
          ;;
      esac
      ;;
    'senders remove')
      case $prev in
        --config) files=yes ;;
        *)
          words=''
          options='--json -h --help --config'
          ;;
      esac
      ;;
    'schedules')
      case $prev in
        --config) files=yes ;;
        *)
          words='list set remove calendar'
          options='-h --help --config'
          ;;
      esac
      ;;
    'schedules list')
      case $prev in
        --config) files=yes ;;
        *)
          words=''
          options='--json -h --help --config'
          ;;
      esac
      ;;
    'schedules set')
      case $prev in
        --cron) words='' ;;
        --timezone) words='' ;;
        --kinds) words='' ;;
        --min-score) words='' ;;
        --max-score) words='' ;;
        --min-messages) words='' ;;
        --spread) words='' ;;
        --for) words='' ;;
        --config) files=yes ;;
        *)
          words=''
          options='--cron --timezone --default --on --off --kinds --min-score --max-score --min-messages --send-empty --no-send-empty --spread --readers-may-choose --no-readers-may-choose --for --json -h --help --config'
          ;;
      esac
      ;;
    'schedules remove')
      case $prev in
        --config) files=yes ;;
        *)
          words=''
          options='--yes --json -h --help --config'
          ;;
      esac
      ;;
    'schedules calendar')
      case $prev in
        --days) words='' ;;
        --config) files=yes ;;
        *)
          words=''
          options='--days --json -h --help --config'
          ;;
      esac
      ;;
    'status')
      case $prev in
        --retry) words='' ;;
        --drop) words='' ;;
        --config) files=yes ;;
        *)
          words=''
          options='--all --retry --drop --check --json -h --help --config'
          ;;
      esac
      ;;
    'purge')
      case $prev in
        --older-than) words='' ;;
        --config) files=yes ;;
        *)
          words=''
          options='--older-than --dry-run --json -h --help --config'
          ;;
      esac
      ;;
    'keys')
      case $prev in
        --config) files=yes ;;
        *)
          words='list rotate revoke api'
          options='-h --help --config'
          ;;
      esac
      ;;
    'keys list')
      case $prev in
        --config) files=yes ;;
        *)
          words=''
          options='--json -h --help --config'
          ;;
      esac
      ;;
    'keys rotate')
      case $prev in
        --config) files=yes ;;
        *)
          words=''
          options='--json -h --help --config'
          ;;
      esac
      ;;
    'keys revoke')
      case $prev in
        --config) files=yes ;;
        *)
          words=''
          options='--json -h --help --config'
          ;;
      esac
      ;;
    'keys api')
      case $prev in
        --config) files=yes ;;
        *)
          words='create list revoke'
          options='-h --help --config'
          ;;
      esac
      ;;
    'keys api create')
      case $prev in
        --scope) words='read write held:read held:release held:download requests:decide senders:write' ;;
        --domain) words='' ;;
        --config) files=yes ;;
        *)
          words=''
          options='--scope --domain --json -h --help --config'
          ;;
      esac
      ;;
    'keys api list')
      case $prev in
        --config) files=yes ;;
        *)
          words=''
          options='--json -h --help --config'
          ;;
      esac
      ;;
    'keys api revoke')
      case $prev in
        --config) files=yes ;;
        *)
          words=''
          options='--json -h --help --config'
          ;;
      esac
      ;;
    'admin')
      case $prev in
        --config) files=yes ;;
        *)
          words='link'
          options='-h --help --config'
          ;;
      esac
      ;;
    'admin link')
      case $prev in
        --config) files=yes ;;
        *)
          words=''
          options='--json -h --help --config'
          ;;
      esac
      ;;
    'completion')
      case $prev in
        --config) files=yes ;;
        *)
          words='bash zsh fish'
          options='-h --help --config'
          ;;
      esac
      ;;
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
  [[ -n $words ]] && mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$words" -- "$cur")
  return 0
}
complete -F _amavis_digest amavis-digest
