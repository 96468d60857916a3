"""The server: one process that shows a case, lets people act in it, and keeps every other program out of its files.

In: a case folder and settings. Out: pages, an API and live updates over HTTP, each made from a :class:`View` — one
derived state as one audience may have it, through :func:`teisen.release.release` and nothing else. What people do goes
through the room ``case``, one writer at a time. May touch every room but ``cli``; decides nothing about incidents or
findings itself.
"""

from teisen.server.app import create_app
from teisen.server.settings import Settings
from teisen.server.view import State, View

__all__ = ["Settings", "State", "View", "create_app"]
