"""A bounded memory: it forgets the longest unused, and never keeps more than it may."""

from engine.cache import Cache


def test_it_gives_back_what_it_keeps() -> None:
    cache = Cache(10)
    cache.put("a", "A", 4)
    assert cache.get("a") == "A"
    assert cache.get("b") is None


def test_the_longest_unused_goes_first() -> None:
    cache = Cache(10)
    for key in "abc":
        cache.put(key, key, 3)
    cache.get("a")
    cache.put("d", "d", 3)
    assert [cache.get(key) for key in "abcd"] == ["a", None, "c", "d"]


def test_it_never_holds_more_than_its_limit() -> None:
    cache = Cache(10)
    for key in range(100):
        cache.put(key, key, 1 + key % 5)
        assert cache.size <= 10
    assert cache.size == sum(1 + key % 5 for key in range(100) if cache.get(key) is not None)


def test_putting_again_counts_once_and_what_is_too_large_is_not_kept() -> None:
    cache = Cache(10)
    cache.put("a", 1, 6)
    cache.put("a", 2, 7)
    assert (cache.get("a"), cache.size) == (2, 7)
    cache.put("b", 3, 11)
    assert cache.get("b") is None
    assert cache.get("a") == 2
