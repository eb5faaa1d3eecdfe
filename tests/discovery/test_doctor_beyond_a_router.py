"""The doctor, asked about somebody of another network."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.discovery.test_doctor_in_the_lab import amiss, listening, read, started_on
from tests.discovery.test_introductions_in_the_lab import routed
from tests.lab.lab import Lab

pytestmark = [pytest.mark.netns, pytest.mark.long, pytest.mark.longest]


def test_somebody_behind_a_router_who_answers_is_unseen_and_no_failure(
    lab_of: Callable[..., Lab], tmp_path: Path
) -> None:
    lab = routed(lab_of)
    _, port = listening(lab, "h2", tmp_path)
    host = lab.address("h2")
    places = f"{host}:{port}", host, f"{host}:9", lab.address("h3")
    started = [started_on(lab, "h1", "--peer", one) for one in places]
    there, by_mdns, elsewhere, nobody = [read(one) for one in started]
    for rows in (there, by_mdns):
        assert amiss(rows) == {"warn subnet"}  # and so it ended with 0
        assert f"{host} is in another network" in rows["subnet"]["detail"]
        assert lab.address("h1") in rows["subnet"]["detail"]
        assert "multicast does not cross a router" in rows["subnet"]["detail"]
        assert "can be reached by its address" in rows["subnet"]["detail"]
        assert "lanchat say HOST:PORT" in rows["subnet"]["advice"]
    assert there["peer"]["detail"] == f"{host} answers at its port {port}."
    for rows in (elsewhere, nobody):
        assert amiss(rows) == {"fail subnet", "fail peer"}
        assert "can be reached" not in rows["subnet"]["detail"]
