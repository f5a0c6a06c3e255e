"""A forge's runner on this machine: checks a push out and runs the steps of a workflow, with stand-ins
for what installs software, which write down what they were asked for."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.conftest import Git

INSTALLERS = ("pipx", "python", "python3", "apt-get")
RECORDING = '#!/bin/sh\necho "{name} $*" >>"$INSTALLED"\n'
BASH = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")
"""As GitHub runs `shell: bash`."""


def load(file: Path) -> Any:
    return YAML(typ="safe", pure=True).load(file)


@dataclass(frozen=True)
class Ran:
    """Of the step that failed, else of the last: its name, exit code and output; and what there is then."""

    step: str
    code: int
    out: str
    summary: str
    installed: tuple[str, ...]


@dataclass(frozen=True)
class Runner:
    """`workspace` is the clone that the checkout step makes."""

    workspace: Path

    def checkout(self, url: str, *options: str) -> Git:
        subprocess.run(["git", "clone", "-q", *options, url, str(self.workspace)], check=True)
        return Git(self.workspace)

    def github(self, job: Mapping[str, Any], inputs: Mapping[str, str] | None = None) -> Ran:
        """The `run:` steps of a job, or of a composite action with these inputs, in their order."""
        run = job.get("defaults", {}).get("run", {})
        steps = [
            (one, one.get("working-directory", run.get("working-directory", "."))) for one in job["steps"]
        ]
        return self._all(
            (one.get("name", ""), one["run"], _filled(folder, inputs), _environ(one, inputs))
            for one, folder in steps
            if "run" in one
        )

    def gitlab(self, job: Mapping[str, Any]) -> Ran:
        return self._all([("script", "\n".join(job["script"]), ".", dict(job.get("variables", {})))])

    def _all(self, steps: Iterator[tuple[str, str, str, dict[str, str]]] | list[Any]) -> Ran:
        temp = self.workspace.parent / "runner"
        (temp / "bin").mkdir(parents=True, exist_ok=True)
        for name in INSTALLERS:
            (temp / "bin" / name).write_text(RECORDING.format(name=name))
            (temp / "bin" / name).chmod(0o755)
        summary, installed = temp / "summary.md", temp / "installed"
        environ = {
            **os.environ,
            "PATH": f"{temp / 'bin'}:{os.environ['PATH']}",
            "INSTALLED": str(installed),
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_PATH": str(temp / "path"),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_ACTION_PATH": "/actions/git-qoc",
            "RUNNER_TEMP": str(temp),
        }
        name, code, out = "", 0, ""
        for name, script, folder, more in steps:  # noqa: B007 - the last one is told
            done = subprocess.run(
                [*BASH, "-c", script],
                cwd=self.workspace / folder,
                env={**environ, **more},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            code, out = done.returncode, done.stdout
            if code:
                break
        return Ran(name, code, out, _text(summary), tuple(_text(installed).splitlines()))


def _filled(text: str, inputs: Mapping[str, str] | None) -> str:
    for name, value in (inputs or {}).items():
        text = text.replace(f"${{{{ inputs.{name} }}}}", value)
    return text


def _environ(step: Mapping[str, Any], inputs: Mapping[str, str] | None) -> dict[str, str]:
    return {name: _filled(value, inputs) for name, value in step.get("env", {}).items()}


def _text(file: Path) -> str:
    return file.read_text() if file.exists() else ""
