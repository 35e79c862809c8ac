from core.jobs.inbox import Inbox


def message(sender: str, number: int) -> dict:
    return {"job": "a-1", "from": sender, "number": number}


def test_a_gap_is_noticed_and_closed_from_the_log_without_taking_anything_twice():
    inbox, log = Inbox(), [message(sender, n) for n in range(1, 6) for sender in "ab"]
    assert [inbox.take(one) for one in log[:4]] == [True] * 4 and not inbox.incomplete
    assert not inbox.take(message("a", 2))  # again
    assert not inbox.incomplete
    assert not inbox.take(message("a", 4))  # the third is missing
    assert inbox.incomplete
    assert inbox.take(message("b", 3))
    missed = [("a", 3), ("a", 4), ("b", 4), ("a", 5), ("b", 5)]
    assert [(one["from"], one["number"]) for one in inbox.catch_up(log)] == missed
    assert not inbox.incomplete and not any(inbox.take(one) for one in log)
