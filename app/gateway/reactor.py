"""Installs Twisted's reactor over uvloop; to be imported before anything that imports Daphne or the reactor.

Daphne keeps an asyncio reactor that it finds installed (daphne/server.py), so this is all it takes.
"""

import sys

import uvloop
from twisted.internet import asyncioreactor

if "twisted.internet.reactor" not in sys.modules:
    asyncioreactor.install(uvloop.new_event_loop())
