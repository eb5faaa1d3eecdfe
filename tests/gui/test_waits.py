from lanchat.gui.waits import Waits


def test_each_wrong_try_doubles_the_wait_up_to_half_a_minute() -> None:
    waits = Waits()
    seen = []
    now = 100.0
    for _try in range(8):
        waits.failed("ada", now)
        seen.append(waits.left("ada", now))
        now += seen[-1]
    assert seen == [1, 2, 4, 8, 16, 30, 30, 30]


def test_a_wait_counts_down_in_whole_seconds() -> None:
    waits = Waits()
    for _try in range(3):
        waits.failed("ada", 10.0)
    assert [waits.left("ada", 10.0 + past) for past in (0, 0.2, 1, 3.5, 4, 60)] == [
        4,
        4,
        3,
        1,
        0,
        0,
    ]


def test_the_right_passphrase_ends_it() -> None:
    waits = Waits()
    waits.failed("ada", 0.0)
    waits.failed("ada", 0.0)
    waits.passed("ada")
    assert waits.left("ada", 0.0) == 0
    waits.failed("ada", 0.0)
    assert waits.left("ada", 0.0) == 1


def test_another_profile_does_not_wait() -> None:
    waits = Waits()
    waits.failed("ada", 0.0)
    assert waits.left("grace", 0.0) == 0


def test_thousands_of_wrong_tries_still_wait_half_a_minute() -> None:
    waits = Waits()
    for _try in range(5000):
        waits.failed("ada", 0.0)
    assert waits.left("ada", 0.0) == 30
