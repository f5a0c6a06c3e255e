"""The completion script for bash 3.2 and later, with git's own completion and without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from git_qoc.tasks.setup_items import MARK

if TYPE_CHECKING:
    from git_qoc.cli.completion import Node

SCRIPT = r"""# bash completion for git-qoc, {mark}

# What may follow the command $1 ("" is git-qoc itself).
__git_qoc_known ()
{{
	commands='' options='' valued='' positional='' named=''
	case "$1" in
{cases}
	esac
}}

# The connectors of the nearest desk.toml into $positional. Plain names only: compgen expands words.
__git_qoc_connectors ()
{{
	local folder=$PWD line inside=''
	local name='^[[:space:]]*name[[:space:]]*=[[:space:]]*["'\'']([A-Za-z0-9][A-Za-z0-9._-]*)["'\'']'
	while [[ -n $folder && ! -f $folder/desk.toml ]]; do
		folder=${{folder%/*}}
	done
	[[ -f $folder/desk.toml && -r $folder/desk.toml ]] || return 0
	while IFS= read -r line; do
		case $line in
		'[[connector]]'*) inside=1 ;;
		'['*) inside='' ;;
		*) [[ -n $inside && $line =~ $name ]] && positional+=" ${{BASH_REMATCH[1]}}" ;;
		esac
	done <"$folder/desk.toml"
}}

# Completes ${{words[cword]}}; $1 is the index of the first word behind git-qoc.
__git_qoc_complete ()
{{
	local commands options valued positional named path='' word at=$1 list
	__git_qoc_known ''
	while ((at < cword)); do
		word=${{words[at]}}
		if [[ -n $word && " $commands " == *" $word "* ]]; then
			path=${{path:+$path }}$word
			__git_qoc_known "$path"
		elif [[ -n $word && " $valued " == *" $word "* ]]; then
			((at += 1))
			if ((at == cword)); then
				__git_qoc_known "$path $word"
				options='' commands=''
			fi
		fi
		((at += 1))
	done
	[[ -n $named ]] && __git_qoc_connectors
	case $cur in
	-*) list=$options ;;
	*) list="$commands $positional" ;;
	esac
	if declare -F __gitcomp >/dev/null && [[ -n $git_too ]]; then
		__gitcomp "$list"
	else
		COMPREPLY=($(compgen -W "$list" -- "$cur"))
	fi
}}

# git's own completion calls this for `git qoc`, with words, cword and cur set.
_git_qoc ()
{{
	local git_too=1 at
	if [[ -z ${{cword-}} ]]; then
		local words=("${{COMP_WORDS[@]}}") cword=$COMP_CWORD cur=${{COMP_WORDS[COMP_CWORD]}}
	fi
	at=${{__git_cmd_idx:-0}}
	while ((at < cword)) && [[ ${{words[at]}} != qoc ]]; do
		((at += 1))
	done
	__git_qoc_complete $((at + 1))
}}

_git_qoc_command ()
{{
	local git_too='' words=("${{COMP_WORDS[@]}}") cword=$COMP_CWORD cur=${{COMP_WORDS[COMP_CWORD]}}
	__git_qoc_complete 1
}}

complete -o bashdefault -o default -F _git_qoc_command git-qoc
"""


def script(nodes: Sequence[Node]) -> str:
    from git_qoc.cli.completion import WORDS

    cases = [_case(node) for node in nodes]
    paths = {node.path for node in nodes}
    cases += [
        f"\t'{path}') positional='{' '.join(words)}' ;;" for path, words in WORDS.items() if path not in paths
    ]
    return SCRIPT.format(mark=MARK, cases="\n".join(cases))


def _case(node: Node) -> str:
    parts = {
        "commands": [name for name, _ in node.commands],
        "options": [name for option in node.options for name in option.names],
        "valued": [name for option in node.options if option.takes_value for name in option.names],
        "positional": list(node.words),
        "named": ["yes"] if node.named else [],
    }
    said = " ".join(f"{key}='{' '.join(words)}'" for key, words in parts.items() if words)
    return f"\t'{node.path}') {said} ;;"
