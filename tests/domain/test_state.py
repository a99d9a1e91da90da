"""The state's layers behave like plain dicts that are copied at every fork."""

from __future__ import annotations

from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Tensor
from nonegrad.analysis.domain.joining import join_objects
from nonegrad.analysis.domain.store import GONE, State, join_states
from nonegrad.analysis.domain.truth import NO
from nonegrad.analysis.domain.values import Addr, Ref
from nonegrad.analysis.python.folding import age, changes

KEYS = list("abcdef")
writes = st.lists(st.tuples(st.sampled_from(KEYS), st.integers(0, 9)), max_size=5)
laws = settings(derandomize=True, max_examples=60, deadline=None)


def union(a: object, b: object) -> object:
    """A join of sets of numbers."""
    assert isinstance(a, frozenset)
    assert isinstance(b, frozenset)
    return a | b


def write(state: State, plain: dict[str, frozenset[int]], pairs: list[tuple[str, int]]) -> None:
    for key, value in pairs:
        state.set(key, frozenset({value}))
        plain[key] = frozenset({value})


def content(state: State) -> dict[str, object]:
    return {key: found for key in KEYS if (found := state.get(key)) is not None}


@laws
@given(layers=st.lists(writes, max_size=60))
def test_a_fork_starts_as_its_parent_and_leaves_it_alone(
    layers: list[list[tuple[str, int]]],
) -> None:
    state, plain = State(), dict[str, frozenset[int]]()
    for pairs in layers:
        parent, before = state, dict(plain)
        state = state.fork()
        write(state, plain, pairs)
        assert content(parent) == before
        assert content(state) == plain


@laws
@given(root=writes, branches=st.lists(st.lists(writes, max_size=3), min_size=1, max_size=4))
def test_a_join_has_what_each_branch_has(
    root: list[tuple[str, int]], branches: list[list[list[tuple[str, int]]]]
) -> None:
    ancestor, base = State(), dict[str, frozenset[int]]()
    write(ancestor, base, root)
    states, plains = [], []
    for layers in branches:
        state, plain = ancestor.fork(), dict(base)
        for pairs in layers:
            write(state, plain, pairs)
            state = state.fork()
        states.append(state)
        plains.append(plain)
    expected: dict[str, frozenset[int]] = {}
    for plain in plains:
        for key, value in plain.items():
            expected[key] = expected.get(key, frozenset()) | value
    assert content(join_states(ancestor, states, union)) == expected


@laws
@given(
    root=writes,
    points=st.lists(st.tuples(st.booleans(), writes), min_size=3, max_size=8),
)
def test_points_on_one_way_join_as_any_others(
    root: list[tuple[str, int]], points: list[tuple[bool, list[tuple[str, int]]]]
) -> None:
    """Some points come from the one before, others from the beginning."""
    ancestor, base = State(), dict[str, frozenset[int]]()
    write(ancestor, base, root)
    states, plains = list[State](), list[dict[str, frozenset[int]]]()
    for goes_on, pairs in points:
        state = (states[-1] if goes_on and states else ancestor).fork()
        plain = dict(plains[-1] if goes_on and plains else base)
        write(state, plain, pairs)
        states.append(state)
        plains.append(plain)
    expected: dict[str, frozenset[int]] = {}
    for plain in plains:
        for key, value in plain.items():
            expected[key] = expected.get(key, frozenset()) | value
    assert content(join_states(ancestor, states, union)) == expected


@laws
@given(turns=st.lists(st.tuples(writes, writes), min_size=30, max_size=60))
def test_many_joins_in_a_row_forget_nothing(
    turns: list[tuple[list[tuple[str, int]], list[tuple[str, int]]]],
) -> None:
    state, plain = State(), dict[str, frozenset[int]]()
    for left, right in turns:
        one, other = state.fork(), state.fork()
        mine, theirs = dict(plain), dict(plain)
        write(one, mine, left)
        write(other, theirs, right)
        state = join_states(state, [one, other], union)
        plain = {
            key: mine.get(key, frozenset()) | theirs.get(key, frozenset())
            for key in {**mine, **theirs}
        }
        assert content(state) == plain


@laws
@given(root=writes, layers=st.lists(writes, max_size=6))
def test_since_is_what_was_written_after(
    root: list[tuple[str, int]], layers: list[list[tuple[str, int]]]
) -> None:
    ancestor, last = State(), dict[str, frozenset[int]]()
    write(ancestor, {}, root)
    state = ancestor.fork()
    for pairs in layers:
        write(state, last, pairs)
        state = state.fork()
    assert state.since(ancestor) == last


@laws
@given(turns=st.lists(st.tuples(writes, writes), min_size=30, max_size=60), inner=writes)
def test_what_is_held_stays_on_the_way_of_all_that_comes_from_it(
    turns: list[tuple[list[tuple[str, int]], list[tuple[str, int]]]], inner: list[tuple[str, int]]
) -> None:
    root = State()
    write(root, {}, [("a", 1)])
    held = root.fork()
    state = held.fork()
    last: dict[str, frozenset[int]] = {}
    write(state, last, inner)
    with held.holding():
        for left, right in turns:
            one, other = state.fork(), state.fork()
            write(one, {}, left)
            write(other, {}, right)
            state = join_states(state, [one, other], union)
    written = {key for turn in turns for pairs in turn for key, _ in pairs} | last.keys()
    assert state.since(held).keys() == written
    assert held.held == 0


MEMBERS = [Addr(("member", n), summary=False) for n in range(4)]
stirs = st.lists(
    st.tuples(st.sampled_from(["write", "fork", "call", "rest", "join"]), st.sampled_from(MEMBERS)),
    max_size=30,
)


@laws
@given(steps=stirs)
def test_what_is_not_stirred_is_as_it_was_when_all_came_to_rest(
    steps: list[tuple[str, Addr]],
) -> None:
    """Each member that is not named has not been written since the last rest, and calls that relied
    on that have kept it."""
    state, group = State(), frozenset(MEMBERS)
    entries: list[State] = []
    stirred: set[Addr] = set(MEMBERS)
    for kind, addr in steps:
        match kind:
            case "write":
                state.set(addr, True)
                stirred.add(addr)
            case "rest":
                assert stirred <= set(state.stirred(group))
                state.calm = group
                stirred.clear()
            case "join":
                other = state.fork()
                other.set(addr, True)
                stirred.add(addr)
                state = join_states(state, [other, state.fork()], lambda a, _: a)
            case "call":
                entries.append(State(state, entry=True))
                state = entries[-1]
            case _:
                state = state.fork()
    found = set(state.stirred(group))
    assert stirred <= found
    for entry in entries:
        before = entry.parent
        assert before is not None
        assert entry.rested.isdisjoint(before.stirred(group))


def test_what_has_moved_is_found_no_more() -> None:
    state = State()
    state.set("a", frozenset({1}))
    moved = state.fork()
    moved.delta["a"] = GONE
    assert moved.get("a") is None
    assert join_states(state, [moved, state.fork()], union).get("a") == frozenset({1})


STAR = 7
YOUNG = [Addr(("young", n), summary=False, stars=frozenset({STAR})) for n in range(4)]
OLD = [Addr(("old", n), summary=False) for n in range(3)]
places = st.sampled_from([*YOUNG, *OLD])
references = st.frozensets(places.map(Ref), min_size=1, max_size=3)
objects = st.builds(
    Tensor,
    grad=references,
    fn=st.frozensets(places, max_size=2),
    base=st.frozensets(places, max_size=2),
    counter=st.frozensets(places, max_size=2),
    views=st.frozensets(places, max_size=2),
)


def mentions(thing: object) -> set[Addr]:
    if isinstance(thing, Tensor):
        return {*thing.fn, *thing.base, *thing.counter, *thing.views, *mentions(thing.grad)}
    return set(values.references(thing)) if isinstance(thing, frozenset) else set()


@laws
@given(
    heap=st.dictionaries(places, objects, max_size=5),
    names=st.dictionaries(st.sampled_from(KEYS), references, max_size=4),
)
def test_after_a_turn_nothing_points_to_what_the_next_turn_makes(
    heap: dict[Addr, Tensor], names: dict[str, values.Value]
) -> None:
    machine, settled = SimpleNamespace(addresses={}), State()
    turn = settled.fork()
    heap = {**dict.fromkeys([*YOUNG, *OLD], Tensor()), **heap}
    for key, thing in {**heap, **names}.items():
        turn.set(key, thing)
    aged = age(machine, turn, settled, STAR)  # type: ignore[arg-type]
    kept = {key: thing for key, thing in aged.delta.items() if thing is not GONE}
    assert not {found for thing in kept.values() for found in mentions(thing)} & set(YOUNG)
    assert not set(kept) & set(YOUNG)
    for addr in {found for value in names.values() for found in mentions(value)} & set(heap):
        assert aged.get(addr.older if addr in YOUNG else addr) is not None  # type: ignore[arg-type]
    again = age(machine, aged, settled, STAR)  # type: ignore[arg-type]
    assert {k: v for k, v in again.delta.items() if v is not GONE} == kept


@laws
@given(
    before=st.dictionaries(st.sampled_from(KEYS), references),
    after=st.dictionaries(st.sampled_from(KEYS), references),
)
def test_a_state_has_settled_when_joining_the_turn_changes_nothing(
    before: dict[str, values.Value], after: dict[str, values.Value]
) -> None:
    settled = State()
    for key, value in before.items():
        settled.set(key, value)
    turn = settled.fork()
    for key, value in after.items():
        turn.set(key, value)
    joined = join_states(settled, [settled.fork(), turn], join_objects)
    same = all(joined.get(key) == before.get(key) for key in KEYS)
    assert (changes(settled, turn) is NO) is same
