/**
 * Completion scripts: those that `effect/cli` generates from the commands, with the code in them that asks the server.
 */
import type * as Command from "effect/cli/Command"
import * as Completions from "effect/cli/Completions"

/** The completion script of a shell. */
export const make = (command: Command.Command.Any, shell: Completions.Shell): string => {
  const script = Completions.generate(command.name, shell, Completions.fromCommand(command))
  switch (shell) {
    case "bash":
      return script.replace("complete -F _ow ow\n", bash)
    case "zsh":
      // Operands are the only specifications without an action.
      return script.replaceAll(/^( +'\*?:(?:[^':]|\\:|'\\'')*:)'$/gm, "$1_ow_server'").replace(
        "# Handle both direct invocation",
        `${zsh}\n$&`
      )
    case "fish":
      return script.replace("\n###-end-", `${fish}\n###-end-`)
    case "powershell":
      return script
  }
}

// Without candidates, the shell completes file names.
const bash = `_ow_server()
{
  _ow "$@"
  [[ \${#COMPREPLY[@]} -eq 0 ]] || return 0
  local cur prev words cword _line
  local -a _found=()
  _init_completion -n "$COMP_WORDBREAKS" || return 0
  while IFS= read -r _line; do
    _found+=("$_line")
  done < <(ow complete -- "\${words[@]:1:cword}" 2>/dev/null)
  [[ \${#_found[@]} -gt 0 ]] || return 0
  _ow--choices "$cur" "$2" "\${_found[@]}"
  [[ \${#COMPREPLY[@]} -eq 1 && "\${COMPREPLY[0]}" == */ ]] && compopt -o nospace 2>/dev/null
  return 0
}

complete -o default -F _ow_server ow
`

const zsh = `_ow_server() {
  local -a found directories
  found=("\${(@f)$(ow complete -- "\${(@Q)words[1,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  found=(\${found:#})
  directories=(\${(M)found:#*/})
  found=(\${found:#*/})
  (( $#directories )) && compadd -Q -S '' -- \${(q)directories}
  (( $#found )) && compadd -Q -- \${(q)found}
  (( $#found + $#directories )) || _files
}
`

const fish = `function __ow_server
    ow complete -- (commandline -opc)[2..-1] (commandline -ct | string unescape) 2>/dev/null
end
complete -c ow -n '__fish_seen_subcommand_from ls cat set get exists tree watch log bench info convert' -f -a '(__ow_server)'
complete -c ow -s s -l server -x -a '(__ow_server)'
complete -c ow -n '__fish_seen_subcommand_from set; and contains -- (commandline -poc)[-1] --file' -F
`
