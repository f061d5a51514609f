"""What one who watches is told, decided without a server."""

import random

import pytest

from conversation_client import ConversationChange, DecodeError, decode
from conversation_client._picture import MOST_UNHEARD, Picture, changes_in
from conversation_client.models.stream import StreamedIdentifiers


def there(*ids: str) -> list[ConversationChange]:
    return [ConversationChange(name, deleted=False) for name in ids]


def gone(*ids: str) -> list[ConversationChange]:
    return [ConversationChange(name, deleted=True) for name in ids]


def all_of(picture: Picture) -> list[ConversationChange]:
    return list(iter(picture.take, None))


def test_a_first_frame_is_told_as_it_is() -> None:
    picture = Picture()
    picture.begin(there("a", "b"))
    assert all_of(picture) == there("a", "b")
    assert picture.take() is None


def test_every_change_that_is_taken_in_time_is_told() -> None:
    picture = Picture()
    for change in (*there("a"), *there("a"), *gone("a"), *there("a"), *gone("stranger")):
        picture.go_on([change])
        assert all_of(picture) == [change]


def test_changes_of_one_conversation_merge_into_the_latest() -> None:
    picture = Picture()
    picture.go_on([*there("a", "b"), *gone("a"), *there("a"), *gone("b")])
    assert all_of(picture) == [*there("a"), *gone("b")]


def test_after_a_reconnection_those_that_are_gone_come_first_and_all_others_again() -> None:
    picture = Picture()
    picture.begin(there("a", "b", "c"))
    assert picture.take() == there("a")[0]
    picture.begin(there("c", "d"))
    assert sorted(all_of(picture), key=lambda each: each.id) == [*gone("a", "b"), *there("c", "d")]
    picture.begin([])
    assert {change.deleted for change in all_of(picture)} == {True}
    picture.begin([])
    assert all_of(picture) == []


def test_what_was_deleted_is_not_deleted_again_by_a_reconnection() -> None:
    picture = Picture()
    picture.begin(there("a"))
    picture.go_on(gone("a"))
    assert all_of(picture) == gone("a")
    picture.begin(there("b"))
    assert all_of(picture) == there("b")


def test_memory_is_bounded_though_nothing_is_taken() -> None:
    picture = Picture()
    picture.begin(there("a"))
    assert all_of(picture) == there("a")
    for number in range(3 * MOST_UNHEARD):
        picture.go_on(there(f"{number}"))
        picture.go_on(gone(f"{number}"))
    picture.go_on(gone("a"))
    told = all_of(picture)
    assert len(told) == MOST_UNHEARD + 1
    assert told[-2:] == gone(f"{3 * MOST_UNHEARD - 1}", "a")


@pytest.mark.parametrize("seed", range(20))
def test_whoever_takes_all_believes_what_is_so(seed: int) -> None:
    chance, picture = random.Random(seed), Picture()
    real: set[str] = set()
    believed: set[str] = set()

    def take() -> bool:
        change = picture.take()
        if change is not None:
            (believed.discard if change.deleted else believed.add)(change.id)
        return change is not None

    for _ in range(500):
        name = str(chance.randrange(20))
        if chance.random() < 0.5:
            real.add(name)
            picture.go_on(there(name))
        else:
            real.discard(name)
            picture.go_on(gone(name))
        if chance.random() < 0.1:
            for _ in range(chance.randrange(10)):  # while away
                real ^= {str(chance.randrange(20))}
            picture.begin(there(*real))
        for _ in range(chance.randrange(3)):
            take()
    while take():
        pass
    assert believed == real


def test_a_frame_is_read_for_what_it_says_of_conversations() -> None:
    text = (
        '{"iterable":[{"conversation":{"id":"a"}},{"conversation":{"id":"b"},"deleted":true},'
        '{"conversation":{"id":"c"},"deleted":null},{"asset":{"id":"x"}},{}]}'
    )
    frame = decode(text, StreamedIdentifiers)
    assert changes_in(frame) == [*there("a"), *gone("b"), *there("c")]


def test_a_conversation_without_an_id_is_refused_with_its_path() -> None:
    frame = decode('{"iterable":[{},{"conversation":{"id":""}}]}', StreamedIdentifiers)
    with pytest.raises(DecodeError) as caught:
        changes_in(frame)
    assert caught.value.path == "$.iterable[1].conversation"
