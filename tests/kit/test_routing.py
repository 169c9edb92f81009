"""How requests find their way and what they need on it."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant

from app.web.routes import the_site


def calls_of(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    if dependant.call is not None:
        yield dependant.call
    for one in dependant.dependencies:
        yield from calls_of(one)


def waits_for_a_thread(call: Callable[..., Any]) -> bool:
    run = call if inspect.isroutine(call) else type(call).__call__
    return not (inspect.iscoroutinefunction(run) or inspect.isasyncgenfunction(run))


class TestRequests:
    def test_go_to_no_thread_for_what_is_at_hand(self, routes: FastAPI) -> None:
        """Half a millisecond for each plain function: four of them were a third of what a small answer costs."""
        calls = {
            call
            for route in routes.routes
            for context in getattr(route, "effective_route_contexts", tuple)()
            if context.dependant is not None
            for call in calls_of(context.dependant)
        }

        assert len(calls) > 200
        assert {call for call in calls if waits_for_a_thread(call)} == {the_site}  # reads files
