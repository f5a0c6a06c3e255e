"""The completion script for fish, which reads it for `git-qoc` and, through its own git's, `git qoc`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from git_qoc.tasks.setup_items import MARK

if TYPE_CHECKING:
    from git_qoc.cli.completion import Node, Option

HEAD = rf"""# fish completion for git-qoc, {MARK}

function __git_qoc_at --description 'Whether the commands typed so far are exactly these'
    set -l words (commandline -opc)
    set -l found
    for word in $words[2..]
        string match -q -- '-*' $word; and continue
        contains -- $word $__git_qoc_commands; and set -a found $word
    end
    test "$found" = "$argv"
end

function __git_qoc_connectors
    set -l folder $PWD
    while test -n "$folder"; and not test -f "$folder/desk.toml"
        set folder (string replace -r '/[^/]*$' '' -- $folder)
    end
    test -f "$folder/desk.toml"; or return
    set -l inside
    while read -l line
        if string match -q -- '[[connector]]*' $line
            set inside 1
        else if string match -qr -- '^\[' $line
            set -e inside
        else if set -q inside
            string replace -rf -- '^\s*name\s*=\s*["\']([A-Za-z0-9][A-Za-z0-9._-]*)["\'].*' '$1' $line
        end
    end <"$folder/desk.toml"
end

"""


def script(nodes: Sequence[Node]) -> str:
    from git_qoc.cli.completion import WORDS

    names = dict.fromkeys(name for node in nodes for name, _ in node.commands)
    lines = [f"set -g __git_qoc_commands {' '.join(names)}", "complete -c git-qoc -f"]
    for node in nodes:
        lines += _lines(node, WORDS)
    return HEAD + "\n".join(lines) + "\n"


def _lines(node: Node, words: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    start = f"complete -c git-qoc -n {_quoted('__git_qoc_at ' + node.path)}"
    for name, text in node.commands:
        yield f"{start} -a {name} -d {_quoted(text)}"
    if node.words:
        yield f"{start} -a {_quoted(' '.join(node.words))}"
    if node.named:
        yield f"{start} -a '(__git_qoc_connectors)'"
    for option in node.options:
        yield f"{start} {_names(option)} -d {_quoted(option.help)}{_value(node, option, words)}"


def _names(option: Option) -> str:
    return " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)


def _value(node: Node, option: Option, words: Mapping[str, tuple[str, ...]]) -> str:
    if not option.takes_value:
        return ""
    known = [word for name in option.names for word in words.get(f"{node.path} {name}", ())]
    return f" -x -a {_quoted(' '.join(known))}" if known else " -r -F"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
