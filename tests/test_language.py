"""What an author writes arrives as written, and what an author gets wrong is said with place and remedy."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import sympy
from conftest import ROOT
from sympy import Eq, Rational, cos, exp, log, pi, sqrt, tanh

from derivations import catalogue
from derivations.catalogue import load
from derivations.language import (
    AuthorError,
    Axis,
    Claim,
    D,
    Derivative,
    Example,
    Formula,
    Gradient,
    Jacobian,
    Limit,
    Quote,
    Range,
    Source,
    Text,
    Vjp,
    at,
    delta,
    dot,
    matmul,
    matrix,
    maximum,
    mean,
    minimum,
    norm,
    scalar,
    squared_norm,
    step,
    tensor,
    total,
    trace,
    transpose,
    vector,
    where,
)
from derivations.printers.text import term_text
from derivations.scope import Limit as LimitStatement
from derivations.scope import Links
from derivations.scope import Range as RangeStatement
from derivations.terms import Relation

WORDS = Text(en="words", zh="文字")


class Names:
    """Fresh declarations for one test: sizes n and m, indices, scalars, vectors, matrices."""

    def __init__(self) -> None:
        self.n = Axis("n", Text(en="rows", zh="行数"))
        self.m = Axis("m", Text(en="columns", zh="列数"))
        self.i, self.j = self.n.indices("i j")
        self.k, self.l = self.m.indices("k l")
        self.a, self.b, self.c = (scalar(name, WORDS) for name in "abc")
        self.x, self.y = (vector(name, self.n, WORDS) for name in "xy")
        self.w = vector("w", self.m, WORDS)
        self.A = matrix("A", self.n, self.m, WORDS)
        self.S = matrix("S", self.n, self.n, WORDS)
        self.f = scalar("f", WORDS)
        self.p = vector("p", self.n, WORDS)
        self.q = vector("q", self.m, WORDS)
        self.P = matrix("P", self.n, self.m, WORDS)
        self.Q = matrix("Q", self.m, self.n, WORDS)


@pytest.fixture
def names() -> Names:
    return Names()


def made(define: list[Any], **more: Any) -> Formula:
    return Formula(name=WORDS, summary=WORDS, define=define, id="scratch", **more)


def body(definition: Any) -> str:
    return term_text(list(made([definition]).scope.definitions)[-1].body)


# ---- order written = order read ----------------------------------------------------------------------------

AS_WRITTEN: list[tuple[Callable[[Names], Any], str]] = [
    (lambda v: Eq(v.f, 2 * (v.a + v.b)), "2 (a + b)"),
    (lambda v: Eq(v.f, v.b + v.a), "b + a"),
    (lambda v: Eq(v.f, v.c * v.b * v.a), "c b a"),
    (lambda v: Eq(v.f, v.b - v.a), "b − a"),
    (lambda v: Eq(v.f, -v.a + v.b), "−a + b"),
    (lambda v: Eq(v.f, 1 - v.a), "1 − a"),
    (lambda v: Eq(v.f, v.a / v.b), "a/b"),
    (lambda v: Eq(v.f, 1 / (1 + exp(-v.a))), "1/(1 + e^{−a})"),
    (lambda v: Eq(v.f, (v.b + v.a) ** 2 * v.a), "(b + a)² a"),
    (lambda v: Eq(v.f, sqrt(v.b + v.a)), "√(b + a)"),
    (lambda v: Eq(v.f, exp(-(v.a**2) / 2) / sqrt(2 * pi)), "e^{−a²/2}/√(2 π)"),
    (lambda v: Eq(v.f, v.a * (v.b * v.c)), "a b c"),
    (lambda v: Eq(v.f, Rational("0.044715") * v.a**3), "0.044715 a³"),
    (lambda v: Eq(v.f, Rational(1, 2) * v.a), "1/2 a"),
    (lambda v: Eq(v.f, mean((v.x[v.i] - v.a) ** 2, v.i)), "1/n Σ_i (x_i − a)²"),
    (lambda v: Eq(v.f, -total(v.y[v.i] * log(v.x[v.i]), v.i)), "−Σ_i y_i log x_i"),
    (lambda v: Eq(v.f, squared_norm(v.A @ v.w - v.y) / 2), "1/2 Σ_i (Σ_k A_ik w_k − y_i)²"),
    (lambda v: Eq(v.p, v.y * v.x + v.x), "y_i x_i + x_i"),
    (lambda v: Eq(v.p, v.x * 2), "x_i · 2"),
    (lambda v: Eq(v.p, 2 - v.x), "2 − x_i"),
    (lambda v: Eq(v.p, 1 / v.x), "1/x_i"),
    (lambda v: Eq(v.p, exp(v.x) * v.y), "e^{x_i} y_i"),
    (lambda v: Eq(v.f, maximum(0, v.a)), "{a if a > 0; 0 if a ≤ 0}"),
    (lambda v: Eq(v.f, minimum(v.b, v.a)), "{a if a < b; b if a ≥ b}"),
    (lambda v: Eq(v.f, where(v.a >= v.b, v.b, v.a)), "{b if a ≥ b; a if a < b}"),
]


@pytest.mark.parametrize(("write", "read"), AS_WRITTEN, ids=[read for _, read in AS_WRITTEN])
def test_order_and_grouping_stay_as_written(names: Names, write: Callable[[Names], Any], read: str) -> None:
    with sympy.evaluate(False):
        assert body(write(names)) == read


def test_a_formula_written_in_a_notebook_means_the_same(names: Names) -> None:
    formula = made([Eq(names.f, total(exp(names.x[names.i]) * names.a, names.i))])
    (definition,) = formula.scope.definitions
    assert {symbol.name for symbol in formula.scope.inputs} == {"x", "a"}
    assert definition.symbol.name == "f"


# ---- whole arrays ------------------------------------------------------------------------------------------

ARRAYS: list[tuple[Callable[[Names], Any], str]] = [
    (lambda v: Eq(v.p, v.A @ v.w), "Σ_k A_ik w_k"),
    (lambda v: Eq(v.q, v.x @ v.A), "Σ_i x_i A_ik"),
    (lambda v: Eq(v.Q, v.A.T), "A_ik"),
    (lambda v: Eq(v.Q, transpose(exp(v.A))), "e^{A_ik}"),
    (lambda v: Eq(v.p, matmul(exp(v.A), tanh(v.w))), "Σ_k e^{A_ik} tanh w_k"),
    (lambda v: Eq(v.p, exp(v.S) @ v.x), "Σ_j e^{S_ij} x_j"),
    (lambda v: Eq(v.f, dot(v.x, v.y)), "Σ_i x_i y_i"),
    (lambda v: Eq(v.f, norm(v.x)), "√(Σ_i x_i²)"),
    (lambda v: Eq(v.f, trace(v.S)), "Σ_i S_ii"),
    (lambda v: Eq(v.q, v.A.sum(axis=0)), "Σ_i A_ik"),
    (lambda v: Eq(v.p, v.A.mean(axis=1)), "1/m Σ_k A_ik"),
    (lambda v: Eq(v.f, total(v.A)), "Σ_{i,k} A_ik"),
    (lambda v: Eq(v.P, v.A - v.A.mean(axis=1, keepdims=True)), "A_ik − 1/m Σ_l A_il"),
    (lambda v: Eq(v.P, v.A + v.w), "A_ik + w_k"),
]


@pytest.mark.parametrize(("write", "read"), ARRAYS, ids=[read for _, read in ARRAYS])
def test_matrix_notation_is_lowered_to_indices(
    names: Names, write: Callable[[Names], Any], read: str
) -> None:
    with sympy.evaluate(False):
        assert body(write(names)) == read


def test_shifted_indices_are_affine(names: Names) -> None:
    wide = Axis("N", Text(en="inputs", zh="输入数"))
    long = vector("u", wide, WORDS)
    with sympy.evaluate(False):
        definition = Eq(names.p[names.i], total(names.w[names.k] * long[names.i + names.k], names.k))
        assert body(definition) == "Σ_k w_k u_{i+k}"


def test_a_tensor_has_as_many_indices_as_axes(names: Names) -> None:
    T = tensor("T", names.n, names.m, names.n, WORDS)
    with sympy.evaluate(False):
        assert body(Eq(names.f, total(T[names.i, names.k, names.j], names.i, names.k, names.j)))


def test_no_scope_repeats_a_letter(names: Names) -> None:
    with sympy.evaluate(False):
        definition = Eq(names.p[names.i], exp(names.x[names.i]) / total(exp(names.x[names.i]), names.i))
        assert body(definition) == "e^{x_i}/(Σ_j e^{x_j})"


# ---- mistakes ----------------------------------------------------------------------------------------------

SYMPY_SYMBOL = sympy.Symbol("t")
MISTAKES: dict[str, tuple[Callable[[Names], Any], str, str, str]] = {
    "float": (lambda v: made([Eq(v.f, 1 / 2 * v.a)]), "floating-point", "definition of f", "Rational(1, 2)"),
    "float in an array": (lambda v: made([Eq(v.p, 0.5 * v.x)]), "floating-point", "", "Rational(1, 2)"),
    "equality": (
        lambda v: made([v.f == v.a]),
        "an equation was expected",
        "define, entry 1",
        "Eq(left, right)",
    ),
    "undeclared name": (
        lambda v: made([Eq(v.f, SYMPY_SYMBOL + v.a)]),
        "t is not declared",
        "definition of f",
        "scalar(",
    ),
    "free index": (lambda v: made([Eq(v.f, v.x[v.i])]), "index i is free", "definition of f", "Sum over it"),
    "sizes of @": (
        lambda v: made([Eq(v.p, v.A @ v.x)]),
        "@ joins the sizes m and n",
        "definition of p",
        "Transpose",
    ),
    "sizes of +": (
        lambda v: made([Eq(v.p, v.x + v.w)]),
        "sizes n and m do not match",
        "definition of p",
        "Transpose",
    ),
    "shape of a name": (
        lambda v: made([Eq(v.q, v.A @ v.w)]),
        "q has the size m",
        "definition of q",
        "Transpose",
    ),
    "order of a name": (
        lambda v: made([Eq(v.f, v.A @ v.w)]),
        "f has 0 axes",
        "definition of f",
        "Check transposes",
    ),
    "index of another axis": (lambda v: v.x[v.k], "index k runs over m", "", "n.indices"),
    "number of indices": (lambda v: v.A[v.i], "A has 2 indices, and 1 are given", "", "one index for each"),
    "array for a number": (
        lambda v: made([Eq(v.f, total(v.x * v.y, v.i))]),
        "has 0 axes",
        "definition of f",
        "Check",
    ),
    "defined by itself": (
        lambda v: made([Eq(v.f, v.f + 1)]),
        "defined by itself",
        "definition of f",
        "circle",
    ),
    "used before it is defined": (
        lambda v: made([Eq(v.f, v.a + v.b), Eq(v.c, v.f), Eq(v.a, v.c)]),
        "f uses a, which is defined after it",
        "definition of f",
        "circle",
    ),
    "defined twice": (
        lambda v: made([Eq(v.f, v.a), Eq(v.f, v.b)]),
        "f is defined twice",
        "definition of f",
        "another name",
    ),
    "declared twice": (
        lambda v: made([Eq(v.f, v.a + scalar("a", WORDS, domain="positive"))]),
        "a is declared twice",
        "",
        "another name",
    ),
    "left side": (lambda v: made([Eq(v.a + v.f, v.b)]), "is no name", "formula scratch", "Eq(s, ...)"),
    "left side with numbers": (
        lambda v: made([Eq(v.p[0], v.b)]),
        "no name with its indices",
        "definition of p",
        "p[i]",
    ),
    "no meaning": (lambda v: scalar("z"), "z has no meaning", "", "Text("),
    "domain": (lambda v: scalar("z", WORDS, domain="huge"), "domain 'huge'", "", "interval("),
    "order of a declaration": (lambda v: vector("z", WORDS), "has 0 axes", "", "A vector has 1"),
    "letter of a name": (
        lambda v: made([Eq(v.p[v.n.indices("a")], v.x[v.n.indices("a")] * v.a)]),
        "the index a has the letter of a name",
        "definition of p",
        "another letter",
    ),
    "index as a number": (
        lambda v: made([Eq(v.p[v.i], v.i * v.x[v.i])]),
        "index i stands where a number",
        "",
        "delta",
    ),
    "missing language": (
        lambda v: made([Eq(v.f, v.a)], mistakes=[Text(en="only English")]),
        "mistake 1 says nothing in zh",
        "formula scratch",
        "draft=True",
    ),
    "missing meaning in a language": (
        lambda v: made([Eq(v.f, scalar("z", Text(zh="只有中文")))]),
        "meaning of z says nothing in en",
        "formula scratch",
        "draft=True",
    ),
    "unknown name in ask": (
        lambda v: made([Eq(v.f, v.a)], ask=[Derivative(v.f, v.b)]),
        "b does not occur",
        "ask, entry 1",
        "Define it",
    ),
    "no dependence": (
        lambda v: made([Eq(v.c, v.b), Eq(v.f, v.a)], ask=[Derivative(v.f, v.b)]),
        "f does not depend on b",
        "ask, entry 1",
        "a variable that it is made from",
    ),
    "question about an entry": (lambda v: Jacobian(v.p[v.i], v.x), "no declared name", "", "without indices"),
    "remark without a question": (
        lambda v: made([Eq(v.f, v.a)], remarks={step(Derivative(v.f, v.b), "product"): WORDS}),
        "b does not occur",
        "remark at product",
        "Define it",
    ),
    "quotation without a source": (
        lambda v: made(
            [Eq(v.f, v.a)],
            claims=[
                Claim(
                    "c", WORDS, expected="stated", quote=Quote("words", Source("s", "a note"), "here", "typo")
                )
            ],
        ),
        "'a note', no source of the formula",
        "claim c",
        "Add it to sources",
    ),
    "claim without reference": (
        lambda v: Claim("c", WORDS, expected="stated"),
        "has no reference",
        "",
        "reference=",
    ),
    "claim without statement": (lambda v: Claim("c", WORDS), "nothing to compute", "", "says="),
    "verdict": (lambda v: Claim("c", WORDS, says=v.a > 0, expected="likely"), "'likely'", "", "proved"),
    "example without a value": (
        lambda v: made([Eq(v.f, v.a + v.b)], example=Example({v.a: 1})),
        "no value for b",
        "example",
        "every input",
    ),
    "example of uneven length": (
        lambda v: made([Eq(v.f, dot(v.x, v.y))], example=Example({v.x: [1, 2], v.y: [1]})),
        "y has 1 entries along n, which is 2 elsewhere",
        "example",
        "equal length",
    ),
    "condition": (lambda v: where(True, v.a, v.b), "one comparison", "", "where(x > 0, a, b)"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_said_with_what_where_and_instead(names: Names, mistake: str) -> None:
    write, what, place, instead = MISTAKES[mistake]
    with sympy.evaluate(False), pytest.raises(AuthorError) as found:
        write(names)
    assert what in found.value.what
    assert place in ", ".join(found.value.where)
    assert instead in found.value.instead
    assert str(found.value).endswith(f"{found.value.what}. {found.value.instead}")


REFUSED = {
    "Max": lambda v: sympy.Max(v.a, v.b),
    "Min": lambda v: sympy.Min(v.a, v.b),
    "Sum": lambda v: sympy.Sum(v.a, (SYMPY_SYMBOL, 1, 3)),
    "Piecewise": lambda v: sympy.Piecewise((v.a, v.a > 0), (v.b, True)),
    "Derivative": lambda v: sympy.Derivative(SYMPY_SYMBOL**2, SYMPY_SYMBOL),
    "Integral": lambda v: sympy.Integral(SYMPY_SYMBOL, SYMPY_SYMBOL),
    "KroneckerDelta": lambda v: sympy.KroneckerDelta(sympy.Symbol("r"), sympy.Symbol("s")),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_sympy_would_reorder_is_refused_with_the_word_to_use(names: Names, kind: str) -> None:
    with sympy.evaluate(False), pytest.raises(AuthorError, match=f"SymPy's {kind}") as found:
        made([Eq(names.f, REFUSED[kind](names))])
    assert "instead" in found.value.instead


@pytest.mark.parametrize("condition", [sympy.And, sympy.Or])
def test_joined_conditions_are_refused(names: Names, condition: Any) -> None:
    with sympy.evaluate(False), pytest.raises(AuthorError, match="one comparison"):
        where(condition(names.a > 0, names.b > 0), names.a, names.b)


def test_a_draft_may_speak_one_language(names: Names) -> None:
    with sympy.evaluate(False):
        formula = Formula(
            name=Text(en="draft"), summary=Text(en="draft"), define=[Eq(names.f, cos(names.a))], draft=True
        )
    assert formula.draft


# ---- statements --------------------------------------------------------------------------------------------


def test_a_statement_is_lowered_over_the_scope_of_the_formula(names: Names) -> None:
    v = names
    with sympy.evaluate(False):
        formula = made(
            [Eq(v.f, dot(v.x, v.x))],
            claims=[
                Claim("derivative", WORDS, says=Eq(D(v.f, v.x[v.i]), 2 * v.x[v.i])),
                Claim("range", WORDS, says=Range(v.f, 0, sympy.oo, closed="left")),
                Claim("limit", WORDS, says=Limit(v.f, v.x[0], -sympy.oo, sympy.oo)),
                Claim("scaled", WORDS, says=Eq(at(v.f, {v.x: v.a * v.x}), v.a**2 * v.f)),
                Claim("diagonal", WORDS, says=Eq(delta(v.i, v.j), 1), given=[Eq(v.i, v.j)]),
            ],
        )
    derivative, values, limit, scaled, diagonal = formula.checks
    assert isinstance(derivative.statement, Relation)
    assert isinstance(values.statement, RangeStatement)
    assert values.statement.interval.lower_closed and values.statement.interval.upper is None
    assert isinstance(limit.statement, LimitStatement)
    assert (limit.statement.to, limit.statement.limit) == ("-oo", "+oo")
    assert [symbol.name for symbol in scaled.scope.inputs] == ["a", "x"]
    assert term_text(scaled.statement) == "Σ_i a x_i a x_i = a² f"
    assert [term_text(condition) for condition in diagonal.given] == ["i = j"]


# ---- a formula inside another one --------------------------------------------------------------------------


def test_a_used_formula_brings_its_names_and_facts(names: Names) -> None:
    softmax = load("softmax")
    v = names
    with sympy.evaluate(False):
        p = softmax(z=v.x, over=v.n, name="p")
        formula = made([Eq(v.f, -total(v.y[v.i] * log(p[v.i]), v.i))], ask=[Gradient(v.f, v.x)])
    assert [(d.symbol.name, d.uses) for d in formula.scope.definitions] == [
        ("s", "softmax"),
        ("p", "softmax"),
        ("f", ""),
    ]
    assert [axis.name for axis in formula.scope.definitions["p"].symbol.axes] == ["n"]
    assert term_text(formula.scope.definitions["s"].body) == "Σ_j e^{x_j}"
    assert [term_text(fact.left) for fact in formula.scope.facts] == ["Σ_i p_i"]
    assert formula.uses == ("softmax",)


def test_an_inner_name_that_is_taken_is_renamed(names: Names) -> None:
    softmax = load("softmax")
    s = scalar("s", WORDS)
    with sympy.evaluate(False):
        p = softmax(z=names.x)
        formula = made([Eq(names.f, s * total(p[names.i], names.i))])
    assert [d.symbol.name for d in formula.scope.definitions] == ["s_p", "p", "f"]
    assert [symbol.name for symbol in formula.scope.inputs] == ["x", "s"]


@pytest.mark.parametrize(("over", "normalizer"), [("m", "s_i = Σ_k e^{A_ik}"), ("n", "s_k = Σ_j e^{A_jk}")])
def test_further_axes_of_an_argument_are_a_batch(names: Names, over: str, normalizer: str) -> None:
    softmax = load("softmax")
    with sympy.evaluate(False):
        P = softmax(z=names.A, over=getattr(names, over), name="P")
        formula = made([Eq(names.f, total(P[names.i, names.k], names.i, names.k))])
    s, p, _ = formula.scope.definitions
    assert [axis.name for axis in p.symbol.axes] == ["n", "m"]
    assert f"{term_text(s.left)} = {term_text(s.body)}" == normalizer
    assert term_text(p.left) == "P_ik"


def test_an_expression_can_be_an_argument(names: Names) -> None:
    sigmoid = load("sigmoid")
    with sympy.evaluate(False):
        g = sigmoid(x=names.a * names.b, name="g", latex="g")
        formula = made([Eq(names.f, names.a * g)])
    assert term_text(formula.scope.definitions["g"].body) == "1/(1 + e^{−a b})"


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda f, v: f(), "softmax needs z"),
        (lambda f, v: f(z=v.x, y=v.y), "y is no input of softmax"),
        (lambda f, v: f(z=v.a), "has 0 axes and needs 1"),
        (lambda f, v: f(z=v.x[v.i]), "free indices"),
        (lambda f, v: f(z=v.A, over=v.x), "over"),
    ],
)
def test_a_wrong_call_is_refused(names: Names, call: Any, what: str) -> None:
    with sympy.evaluate(False), pytest.raises((AuthorError, AttributeError), match=what):
        call(load("softmax"), names)


# ---- files of the catalogue --------------------------------------------------------------------------------

SCRATCH = '''"""Scratch."""
from sympy import Eq
from derivations.language import Formula, Text, scalar
{imports}
x = scalar("x", Text(en="input", zh="输入"))
f = scalar("f", Text(en="output", zh="输出"))
formula = Formula(name=Text(en="n", zh="名"), summary=Text(en="s", zh="要"), define=[Eq(f, {body})])
'''


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Writes files into a chapter of the catalogue that lies elsewhere, and imports one of them."""
    chapter = tmp_path / "scratch"
    chapter.mkdir()
    (chapter / "__init__.py").write_text('"""Scratch."""\n', encoding="utf-8")
    monkeypatch.setattr(catalogue, "__path__", [*catalogue.__path__, str(tmp_path)])

    def write(wanted: str, **files: tuple[str, str]) -> Any:
        for name, (imports, text) in files.items():
            source = SCRATCH.format(imports=imports, body=text)
            (chapter / f"{name}.py").write_text(source, encoding="utf-8")
        return import_module(f"derivations.catalogue.scratch.{wanted}").formula

    yield write
    for name in [name for name in sys.modules if name.startswith("derivations.catalogue.scratch")]:
        del sys.modules[name]


def test_a_file_is_imported_as_written(scratch: Callable[..., Any]) -> None:
    formula = scratch("one", one=("", "2 * (x + 1) - x + x"))
    assert (formula.id, formula.chapter) == ("one", "scratch")
    assert term_text(next(iter(formula.scope.definitions)).body) == "2 (x + 1) − x + x"


def test_evaluation_is_on_again_after_an_import(scratch: Callable[..., Any]) -> None:
    scratch("one", one=("", "x"))
    t = sympy.Symbol("t")
    assert t + t == 2 * t


def test_a_mistake_in_a_file_names_file_formula_and_symbol(scratch: Callable[..., Any]) -> None:
    with pytest.raises(AuthorError) as found:
        scratch("wrong", wrong=("", "1/2*x"))
    assert found.value.where == ("derivations/catalogue/scratch/wrong.py", "formula wrong", "definition of f")


def test_a_mistake_before_the_formula_names_the_file(scratch: Callable[..., Any]) -> None:
    with pytest.raises(AuthorError) as found:
        scratch("wrong", wrong=('y = scalar("y")', "x"))
    assert found.value.where == ("derivations/catalogue/scratch/wrong.py",)


def test_formulas_that_use_each_other_are_refused(scratch: Callable[..., Any]) -> None:
    def uses(other: str) -> str:
        return f"from derivations.catalogue.scratch.{other} import formula as {other}"

    with pytest.raises(AuthorError, match="a uses b uses c uses a"):
        scratch(
            "a",
            a=(uses("b"), "b(x=x, name='u')"),
            b=(uses("c"), "c(x=x, name='u')"),
            c=(uses("a"), "a(x=x, name='u')"),
        )


def test_a_plain_import_finds_the_same_formula() -> None:
    code = (
        "from derivations.catalogue.normalization.layer_norm import formula\n"
        "from derivations.printers.text import term_text\n"
        "for d in formula.scope.definitions: print(term_text(d.left), '=', term_text(d.body))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, encoding="utf-8"
    )
    assert done.stdout.splitlines() == [
        "μ = 1/H Σ_i x_i",
        "σ² = 1/H Σ_i (x_i − μ)²",
        "s = √(σ² + ε)",
        "x̂_i = (x_i − μ)/s",
        "y_i = γ_i x̂_i + β_i",
    ], done.stderr


def test_one_formula_is_loaded_without_the_others() -> None:
    code = (
        "import sys; from derivations.catalogue import load; load('swish');"
        "print(sorted(n.split('.')[-1] for n in sys.modules if 'catalogue.activations.' in n))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "['sigmoid', 'swish']", done.stderr


def test_an_alias_finds_its_formula_and_an_unknown_id_nothing() -> None:
    assert load("silu") is load("swish")
    with pytest.raises(KeyError):
        load("no_such_formula")


def test_a_vjp_may_have_several_variables(names: Names) -> None:
    v = names
    with sympy.evaluate(False):
        formula = made([Eq(v.p, v.A @ v.w)], ask=[Vjp(v.p, v.A, v.w)])
    assert [variable.name for variable in formula.goals[0].variables] == ["A", "w"]


def test_a_chain_keeps_its_links_in_order() -> None:
    (chain,) = [check for check in load("sigmoid").checks if check.id == "symmetry"]
    assert isinstance(chain.statement, Links)
    assert [link.relation for link in chain.statement.links] == ["=", "="]
