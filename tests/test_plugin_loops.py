"""Async tests on virtual time, under pytest-asyncio and anyio; every other test keeps its loop."""

import pytest
from plugin_project import run

ASYNCIO = """
import asyncio, pytest, pytest_asyncio
from kaizen_eval.resilience.clock import VirtualLoop, current_clock

@pytest_asyncio.fixture
async def slow():
    await asyncio.sleep(5)
    yield asyncio.get_running_loop()
    await asyncio.sleep(5)

@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared():
    return asyncio.get_running_loop()

@pytest.mark.asyncio(loop_scope="module")
async def test_shared_before(shared):
    assert asyncio.get_running_loop() is shared and not isinstance(shared, VirtualLoop)

@pytest.mark.asyncio
async def test_plain():
    assert not isinstance(asyncio.get_running_loop(), VirtualLoop)

@pytest.mark.asyncio
async def test_fixture(slow, kaizen_clock):
    assert slow is asyncio.get_running_loop()
    await asyncio.sleep(3600)
    assert kaizen_clock.elapsed == 3605

@pytest.mark.asyncio
@pytest.mark.kaizen_virtual
async def test_marked():
    await asyncio.sleep(3600)
    assert current_clock().elapsed == 3600

@pytest.mark.asyncio
@pytest.mark.parametrize("hours", [1, 2])
async def test_parametrized(hours, kaizen_clock):
    await asyncio.sleep(hours * 3600)
    assert kaizen_clock.elapsed == hours * 3600

@pytest.mark.asyncio(loop_scope="module")
async def test_conflict(kaizen_clock):
    pass

class TestMethods:
    @pytest.mark.asyncio
    async def test_method(self, kaizen_clock):
        await asyncio.sleep(60)
        assert kaizen_clock.elapsed == 60

@pytest.mark.asyncio
async def test_deadlock(kaizen_clock):
    await asyncio.Event().wait()

@pytest.mark.asyncio
async def test_plain_after():
    assert not isinstance(asyncio.get_running_loop(), VirtualLoop)
    assert current_clock() is None

@pytest.mark.asyncio(loop_scope="module")
async def test_shared_after(shared):
    assert asyncio.get_running_loop() is shared
"""

AUTO = """
import asyncio, pytest, pytest_asyncio
from kaizen_eval.resilience.clock import VirtualLoop, current_clock

@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared():
    return asyncio.get_running_loop()

@pytest.fixture
async def slow():
    await asyncio.sleep(5)

async def test_shared_before(shared):
    assert asyncio.get_running_loop() is shared and not isinstance(shared, VirtualLoop)

async def test_fixture(slow, kaizen_clock):
    await asyncio.sleep(3600)
    assert kaizen_clock.elapsed == 3605

@pytest.mark.kaizen_virtual
async def test_marked():
    await asyncio.sleep(3600)
    assert current_clock().elapsed == 3600

async def test_shared_after(shared):
    assert asyncio.get_running_loop() is shared
"""

ANYIO = """
import anyio, asyncio, pytest
from kaizen_eval.resilience.clock import VirtualLoop, current_clock

@pytest.fixture
async def slow():
    await anyio.sleep(5)
    yield asyncio.get_running_loop()
    await anyio.sleep(5)

@pytest.mark.anyio
async def test_plain():
    assert not isinstance(asyncio.get_running_loop(), VirtualLoop)

@pytest.mark.anyio
async def test_fixture(slow, kaizen_clock):
    assert slow is asyncio.get_running_loop()
    await anyio.sleep(3600)
    assert kaizen_clock.elapsed == 3605

@pytest.mark.anyio
@pytest.mark.kaizen_virtual
async def test_marked():
    await anyio.sleep(3600)
    assert current_clock().elapsed == 3600

@pytest.mark.parametrize("anyio_backend", ["trio"])
@pytest.mark.anyio
async def test_trio(kaizen_clock):
    pass

@pytest.mark.anyio
async def test_plain_after(slow):
    assert not isinstance(slow, VirtualLoop)
    assert current_clock() is None
"""

ANYIO_SHARED = """
import asyncio, pytest
from kaizen_eval.resilience.clock import VirtualLoop

@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"

@pytest.fixture(scope="module")
async def shared():
    yield asyncio.get_running_loop()

@pytest.mark.anyio
async def test_virtual(shared, kaizen_clock):
    pass

@pytest.mark.anyio
async def test_shared(shared):
    assert asyncio.get_running_loop() is shared and not isinstance(shared, VirtualLoop)
"""

UNKNOWN = """
import asyncio, pytest

@pytest.fixture
def _function_scoped_runner():
    with asyncio.Runner() as runner:
        yield runner

@pytest.mark.asyncio
async def test_virtual(kaizen_clock):
    pass
"""

SYNC = """
import asyncio, pytest
from kaizen_eval.resilience.clock import current_clock

@pytest.mark.kaizen_virtual
def test_marked():
    current_clock().run(asyncio.sleep(3600))
    assert current_clock().elapsed == 3600

def test_fixture(kaizen_clock):
    kaizen_clock.run(asyncio.sleep(60))
    assert kaizen_clock.elapsed == 60

def test_asked_for_later(request):
    clock = request.getfixturevalue("kaizen_clock")
    clock.run(asyncio.sleep(60))
    assert clock.elapsed == 60

def test_plain():
    assert current_clock() is None
"""


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    return run(tmp_path_factory.mktemp("strict"), ASYNCIO)


def test_under_pytest_asyncio_fixture_and_marker_give_a_virtual_loop_and_no_other_test_changes(strict):
    assert strict.outcomes() == {
        "test_shared_before": "passed",
        "test_plain": "passed",
        "test_fixture": "passed",
        "test_marked": "passed",
        "test_parametrized[1]": "passed",
        "test_parametrized[2]": "passed",
        "test_conflict": "setup failed",
        "TestMethods.test_method": "passed",
        "test_deadlock": "failed",
        "test_plain_after": "passed",
        "test_shared_after": "passed",
    }


def test_a_shared_loop_and_virtual_time_exclude_each_other(strict):
    assert strict.text("test_conflict") == (
        "This test asks for virtual time and for loop_scope='module': virtual time needs an event loop that no other "
        "test shares. Leave loop_scope away, or write loop_scope='function'."
    )


def test_a_deadlock_fails_the_test_and_names_what_waits(strict):
    assert "test_deadlock waits at" in strict.text("test_deadlock")


def test_in_auto_mode_with_a_loop_for_the_session_virtual_tests_get_their_own(tmp_path):
    ran = run(tmp_path, AUTO, ini="asyncio_mode = auto\nasyncio_default_test_loop_scope = session\n")
    assert ran.outcomes() == dict.fromkeys(ran.reports, "passed")


def test_under_anyio_fixture_and_marker_give_a_virtual_loop_and_no_other_test_changes(tmp_path):
    assert run(tmp_path, ANYIO).outcomes() == {
        "test_plain[asyncio]": "passed",
        "test_fixture[asyncio]": "passed",
        "test_marked[asyncio]": "passed",
        "test_trio[trio]": "skipped",
        "test_plain_after[asyncio]": "passed",
    }


def test_a_loop_that_anyio_shares_stays_real_and_the_virtual_test_says_why_it_fails(tmp_path):
    ran = run(tmp_path, ANYIO_SHARED)
    assert ran.outcomes() == {"test_virtual": "failed", "test_shared": "passed"}
    assert ran.text("test_virtual") == (
        "This test asks for virtual time, but an async fixture of a wider scope keeps anyio's event loop, which is a "
        "real one. Give that fixture function scope, or move the test to a module that does not use it."
    )


def test_a_loop_made_in_an_unknown_way_is_not_taken_for_a_virtual_one(tmp_path):
    assert run(tmp_path, UNKNOWN).text("test_virtual") == (
        "This test asks for virtual time, but pytest-asyncio made its event loop in a way that is not known here."
    )


def test_sync_tests_get_virtual_time_by_marker_fixture_and_late_request(tmp_path):
    ran = run(tmp_path, SYNC)
    assert ran.outcomes() == dict.fromkeys(ran.reports, "passed")
