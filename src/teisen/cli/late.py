"""Commands whose modules are imported when they are called, so that none waits for what it does not need.

Names and help are read from a module's text: from ``COMMANDS``, its tuple of functions, and their docstrings.
"""

from __future__ import annotations

import ast
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class Late(TyperCommand):
    """Stands for a command of a module (with no ``function``, for its ``app``) until it is called or asked about."""

    def __init__(self, module: str, function: str | None, name: str, said: str) -> None:
        super().__init__(name, help=said)
        del self.params  # asked of the real command, as all is that this one lacks
        self._module, self._function = module, function

    @cached_property
    def real(self) -> Any:
        """The command itself, from its module."""
        module = import_module(self._module)
        if self._function is None:
            app = module.app
        else:
            app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
            app.command(self.name)(getattr(module, self._function))
        return typer.main.get_command(app)

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """That of the real command, which is then the one invoked."""
        return self.real.make_context(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        """Parameters, and what a plain command lacks (a group's ``commands``)."""
        if name.startswith("_") or name == "real":
            raise AttributeError(name)
        return getattr(self.real, name)


def commands(module: str) -> list[Late]:
    """The commands of a module of this room, in its order, without importing it."""
    tree = ast.parse(Path(__file__).with_name(f"{module}.py").read_text(encoding="utf-8"))
    said = {node.name: ast.get_docstring(node) or "" for node in tree.body if isinstance(node, ast.FunctionDef)}
    listed = [
        name.id
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "COMMANDS"
        for name in ast.walk(node.value)
        if isinstance(name, ast.Name)
    ]
    return [Late(f"{__package__}.{module}", name, name.replace("_", "-"), said[name]) for name in listed]


def group(module: str, name: str, said: str) -> Late:
    """A group of commands, the ``app`` of a module."""
    return Late(f"{__package__}.{module}", None, name, said)


def among(late: list[Late]) -> type[TyperGroup]:
    """The class of a group that has these commands."""

    class Group(TyperGroup):
        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            self.commands.update({str(command.name): command for command in late})

    return Group
