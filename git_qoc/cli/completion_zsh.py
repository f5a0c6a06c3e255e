"""The completion script for zsh, for `git-qoc` and, through zsh's own _git, for `git qoc`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from git_qoc.tasks.setup_items import MARK

if TYPE_CHECKING:
    from git_qoc.cli.completion import Node

SCRIPT = r"""#compdef git-qoc
#description the books of a trading desk
# zsh completion for git-qoc, {mark}

_git-qoc-known () {{
  commands=() options=() valued=() positional=() named=''
  case $1 in
{cases}
  esac
}}

_git-qoc () {{
  local -a commands options valued positional
  local named path_ word folder line inside
  local plain='^[[:space:]]*name[[:space:]]*=[[:space:]]*["'\'']([A-Za-z0-9][A-Za-z0-9._-]*)["'\'']'
  integer at=2
  _git-qoc-known ''
  while (( at < CURRENT )); do
    word=$words[at]
    if (( $commands[(I)${{(b)word}}:*] )); then
      path_=${{path_:+$path_ }}$word
      _git-qoc-known $path_
    elif (( $valued[(Ie)$word] )); then
      (( at += 1 ))
      if (( at == CURRENT )); then
        _git-qoc-known "$path_ $word"
        commands=() options=()
        (( $#positional )) || {{ _files; return }}
      fi
    fi
    (( at += 1 ))
  done
  if [[ -n $named ]]; then
    folder=$PWD
    while [[ -n $folder && ! -f $folder/desk.toml ]]; do folder=${{folder%/*}}; done
    if [[ -f $folder/desk.toml && -r $folder/desk.toml ]]; then
      while IFS= read -r line; do
        if [[ $line == '[[connector]]'* ]]; then inside=1
        elif [[ $line == '['* ]]; then inside=''
        elif [[ -n $inside && $line =~ $plain ]]; then
          positional+=($match[1])
        fi
      done <$folder/desk.toml
    fi
  fi
  if [[ $PREFIX == -* ]]; then
    _describe -o option options
  else
    (( $#commands )) && _describe command commands
    (( $#positional )) && compadd -- $positional
    (( $#commands + $#positional )) || _files
  fi
}}

_git-qoc "$@"
"""


def script(nodes: Sequence[Node]) -> str:
    from git_qoc.cli.completion import WORDS

    cases = [_case(node) for node in nodes]
    paths = {node.path for node in nodes}
    cases += [
        f"  ({_quoted(path)}) positional=({' '.join(words)}) ;;"
        for path, words in WORDS.items()
        if path not in paths
    ]
    return SCRIPT.format(mark=MARK, cases="\n".join(cases))


def _case(node: Node) -> str:
    parts = {
        "commands": [_described(name, text) for name, text in node.commands],
        "options": [_described(name, option.help) for option in node.options for name in option.names],
        "valued": [name for option in node.options if option.takes_value for name in option.names],
        "positional": list(node.words),
    }
    said = " ".join(f"{key}=({' '.join(words)})" for key, words in parts.items() if words)
    named = " named=1" if node.named else ""
    return f"  ({_quoted(node.path)}) {said}{named} ;;"


def _described(name: str, text: str) -> str:
    return _quoted(f"{name}:{text}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
