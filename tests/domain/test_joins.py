"""Laws of every join: what either side may be, the join may be; twice is once; sides do not
matter, the story of how it came about aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nonegrad.analysis.domain import truth, values
from nonegrad.analysis.domain.joining import join_objects

from . import strategies as domain


@dataclass(frozen=True)
class Lattice:
    """A part of the domain: its elements, its order, its join."""

    elements: st.SearchStrategy[object]
    below: Callable[..., bool]
    join: Callable[..., object] = join_objects


LATTICES = {
    "truth": Lattice(domain.truths, domain.truth_below, truth.join),
    "value": Lattice(domain.values, domain.value_below, values.join),
    "tensor": Lattice(domain.tensors, domain.tensor_below),
    "sequence": Lattice(domain.sequences, domain.sequence_below),
    "mapping": Lattice(domain.mappings, domain.mapping_below),
    "instance": Lattice(domain.instances, domain.instance_below),
    "node": Lattice(domain.nodes, domain.node_below),
}

laws = settings(
    derandomize=True, max_examples=60, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(params=LATTICES, scope="module")
def lattice(request: pytest.FixtureRequest) -> Lattice:
    return LATTICES[request.param]


@laws
@given(data=st.data())
def test_the_join_covers_both_sides(lattice: Lattice, data: st.DataObject) -> None:
    a, b = data.draw(lattice.elements), data.draw(lattice.elements)
    joined = lattice.join(a, b)
    assert lattice.below(a, joined)
    assert lattice.below(b, joined)


@laws
@given(data=st.data())
def test_the_sides_of_a_join_may_be_swapped(lattice: Lattice, data: st.DataObject) -> None:
    a, b = data.draw(lattice.elements), data.draw(lattice.elements)
    one, other = lattice.join(a, b), lattice.join(b, a)
    assert lattice.below(one, other)
    assert lattice.below(other, one)


@laws
@given(data=st.data())
def test_joining_twice_adds_nothing(lattice: Lattice, data: st.DataObject) -> None:
    a, b = data.draw(lattice.elements), data.draw(lattice.elements)
    assert lattice.join(a, a) == a
    joined = lattice.join(a, b)
    assert lattice.below(lattice.join(joined, b), joined)
    assert lattice.below(lattice.join(joined, a), joined)


@laws
@given(data=st.data())
def test_a_chain_of_joins_ends(lattice: Lattice, data: st.DataObject) -> None:
    grown = data.draw(lattice.elements)
    for more in data.draw(st.lists(lattice.elements, min_size=5, max_size=12)):
        before, grown = grown, lattice.join(grown, more)
        assert lattice.below(before, grown)


@laws
@given(
    a=st.one_of(domain.tensors, domain.sequences, domain.instances, domain.nodes),
    b=domain.mappings,
)
def test_things_of_two_kinds_are_nothing_known_together(a: object, b: object) -> None:
    for joined in (join_objects(a, b), join_objects(b, a)):
        assert joined not in (a, b)


@given(a=domain.truths, b=domain.truths)
def test_and_or_not_are_those_of_every_truth_they_stand_for(a: truth.Truth, b: truth.Truth) -> None:
    def bools(t: truth.Truth) -> set[bool]:
        return {True, False} if t is truth.MAYBE else {t is truth.YES}

    def known(found: set[bool]) -> truth.Truth:
        return truth.MAYBE if len(found) == 2 else truth.truth(found.pop())

    assert truth.both(a, b) is known({x and y for x in bools(a) for y in bools(b)})
    assert truth.either(a, b) is known({x or y for x in bools(a) for y in bools(b)})
    assert truth.negate(a) is known({not x for x in bools(a)})


@laws
@given(found=st.frozensets(domain.atoms, min_size=1, max_size=30))
def test_a_value_that_is_cut_to_size_still_covers_all_of_it(found: values.Value) -> None:
    cut = values.limit(found)
    assert domain.value_below(found, cut)
    assert len(cut) <= max(values.MANY_ATOMS, values.MANY_CONSTANTS)
