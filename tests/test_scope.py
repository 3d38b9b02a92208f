"""What depends on what: total derivatives follow names, and held names stop them."""

import pytest

from derivations.arithmetic import product, total
from derivations.functions import apply
from derivations.indices import Axis, Size
from derivations.scope import Definition, Definitions, Goal, Scope, chain_id
from derivations.terms import Symbol, substitute

N = Axis.named("n", "i j k")
i, j = N.index("i"), N.index("j")
x, w = Symbol("x", (N,)), Symbol("w", (N,))
mean, scaled, loss = Symbol("mean"), Symbol("scaled", (N,)), Symbol("loss")
DEFINITIONS = Definitions(
    [
        Definition(mean, (), total([i], x[i])),
        Definition(scaled, (i,), product(w[i], mean.scalar)),
        Definition(loss, (), total([i], apply("exp", scaled[i]))),
    ]
)
SCOPE = Scope((x, w), DEFINITIONS)


def test_dependence_goes_through_names():
    assert DEFINITIONS.depends(loss.scalar, x)
    assert DEFINITIONS.depends(loss.scalar, mean)
    assert not DEFINITIONS.depends(mean.scalar, w)
    assert not DEFINITIONS.depends(mean.scalar, scaled)


def test_a_held_name_stops_the_dependence():
    assert not DEFINITIONS.depends(loss.scalar, x, ("mean",))
    assert DEFINITIONS.depends(loss.scalar, w, ("mean",))
    assert DEFINITIONS.depends(mean.scalar, mean, ("mean",))


def test_a_definition_is_read_at_other_indices():
    assert DEFINITIONS["scaled"].at(scaled[j].indices) == product(w[j], mean.scalar)
    assert substitute(DEFINITIONS["scaled"].left, {i: j}) == scaled[j]


def test_more_definitions_come_after_and_leave_the_old_ones_alone():
    more = DEFINITIONS.extended(Definition(Symbol("r"), (), loss.scalar))
    assert [d.symbol.name for d in more] == ["mean", "scaled", "loss", "r"]
    assert "r" in more and "r" not in DEFINITIONS and len(DEFINITIONS) == 3


def test_a_scope_knows_its_symbols_and_sizes():
    assert SCOPE.symbol("scaled") == scaled
    assert SCOPE.symbol("x") == x
    assert SCOPE.symbol("z") is None
    wide = Symbol("V", (Axis("k", Size.of("k")), Axis("n-k+1", Size.of("n") - "k" + 1)))
    assert Scope((wide,), Definitions()).sizes == ("k", "n")


def test_a_goal_is_named_by_what_it_asks():
    assert Goal("vjp", loss, (x, w)).id == "vjp-loss-x-w"


@pytest.mark.parametrize(
    ("question", "id"),
    [
        (("gradient", "L", "z"), "d-L-z"),
        (("derivative", "f", "x", "x"), "d2-f-x-x"),
        (("hessian", "L", "z"), "d2-L-z-z"),
        (("vjp", "p", "z"), "bar-p-z"),
        (("stationary", "J", "theta"), "solve-J-theta"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_a_chain_is_called_by_the_question_that_it_answers(question: tuple[str, ...], id: str) -> None:
    assert chain_id(*question) == id
