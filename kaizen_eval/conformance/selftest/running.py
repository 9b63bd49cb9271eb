"""Runs a self-test: its tasks, side by side in processes of their own."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from kaizen_eval.conformance.selftest.book import SHIPPED, Book
from kaizen_eval.conformance.selftest.outcome import SelfTest
from kaizen_eval.conformance.selftest.trial import Task, Trial, tried

__all__ = ["Progress", "selftest", "tasks"]

Progress = Callable[[int, int], object]
"""Is told how many tasks of how many are done."""


def selftest(
    seeds: Sequence[int], *, todo: Sequence[Task], processes: int, progress: Progress, book: Book = SHIPPED
) -> SelfTest:
    """Do all tasks; a book that is not the shipped one, which no other process would find, in this process."""
    began = time.perf_counter()
    results = _side_by_side(todo, processes) if book is SHIPPED and processes > 1 else _here(book, todo)
    found: dict[int, tuple[Trial, ...]] = {}
    for place, trials in results:
        found[place] = trials
        progress(len(found), len(todo))
    in_order = [trial for _, each in sorted(found.items()) for trial in each]
    return SelfTest(book=book, seeds=seeds, trials=in_order, seconds=time.perf_counter() - began)


def tasks(
    book: Book, seeds: Sequence[int], *, mutants: bool = True, reference: bool = True, against_all: bool = False
) -> list[Task]:
    """What there is to do: mutants first, which take longest."""
    made: list[Task] = []
    for seed in seeds:
        if mutants:
            made += [Task(seed=seed, mutant=mutant.id, against_all=against_all) for mutant in book.mutants]
        if reference:
            made += [Task(seed=seed, law=law.id) for law in book.laws]
    return made


def _here(book: Book, todo: Sequence[Task]) -> Iterator[tuple[int, tuple[Trial, ...]]]:
    return ((place, tried(book, task)) for place, task in enumerate(todo))


def _side_by_side(todo: Sequence[Task], processes: int) -> Iterator[tuple[int, tuple[Trial, ...]]]:
    """In fresh processes: a copy of one with threads may stand still."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=fresh, initializer=_end_with_parent) as pool:
        places = {pool.submit(_shipped, task): place for place, task in enumerate(todo)}
        try:
            yield from ((places[done], done.result()) for done in as_completed(places))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _end_with_parent() -> None:
    """A process whose parent is killed would go on with what is left to do, for nobody."""
    threading.Thread(target=_wait_for_parents_end, daemon=True).start()


def _wait_for_parents_end() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _shipped(task: Task) -> tuple[Trial, ...]:
    return tried(SHIPPED, task)
