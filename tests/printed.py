"""Terms beside what they must look like, and a reader of printed formulas, for the tests of the printers.

The reader knows the conventions that a person reads by (juxtaposition, a tight stroke before a loose one, a
sum takes in what follows) and nothing of the printers, so that a bracket that is missing shows as a value.
"""

import cmath
import itertools
import re
from collections.abc import Callable, Mapping
from fractions import Fraction

from derivations.arithmetic import (
    HALF,
    MINUS_ONE,
    ONE,
    TWO,
    ZERO,
    add,
    delta,
    derivative,
    divide,
    negate,
    number,
    power,
    product,
    subtract,
    total,
)
from derivations.functions import apply
from derivations.indices import Affine, Axis, Size
from derivations.terms import (
    Add,
    Bracket,
    Constant,
    Number,
    Piecewise,
    Power,
    Product,
    Relation,
    SizeOf,
    Symbol,
    Term,
)

N = Axis.named("n", "i j k")
M = Axis.named("m", "r s")
i, j, k, r, s_ = N.index("i"), N.index("j"), N.index("k"), M.index("r"), M.index("s")
n = SizeOf(Size.of("n"))
x, y, z, p, g = (Symbol(name, (N,)) for name in "xyzpg")
gamma, x_hat, x_hat_bar, y_hat = (Symbol(name, (N,)) for name in ("gamma", "xhat", "xhat_bar", "y_hat"))
W = Symbol("W", (M, N))
W1 = Symbol("W1", (M, N))
a, b, s, mu, eps, phi = (Symbol(name).scalar for name in ("a", "b", "s", "mu", "eps", "Phi"))

var = Symbol("var", latex=r"\sigma^2").scalar


def exp(term: Term) -> Term:
    return apply("exp", term)


def log(term: Term) -> Term:
    return apply("log", term)


def erf(term: Term) -> Term:
    return apply("erf", term)


def authored(kind: type[Add] | type[Product], *terms: Term) -> Term:
    return kind(terms, True)


def inverse(term: Term) -> Term:
    return Power(term, MINUS_ONE)


def minus(term: Term) -> Term:
    return authored(Product, MINUS_ONE, term)


def by_z(term: Term) -> Term:
    return derivative(term, z, [j])


# term, text, LaTeX
PRINTED: list[tuple[Term, str, str]] = [
    # names and indices
    (x[i], "x_i", "x_i"),
    (W[r, i], "W_ri", "W_{ri}"),
    (W1[r, i], "W_{1,ri}", "W_{1,ri}"),
    (x_hat[i], "x̂_i", r"\hat{x}_i"),
    (x_hat_bar[i], "x̂̄_i", r"\bar{\hat{x}}_i"),
    (y_hat[i], "ŷ_i", r"\hat{y}_i"),
    (gamma[i], "γ_i", r"\gamma_i"),
    (mu, "μ", r"\mu"),
    (var, "σ²", r"\sigma^2"),
    (phi, "Φ", r"\Phi"),
    (x[0], "x_0", "x_1"),
    (x[Affine.of(i) + 1], "x_{i+1}", "x_{i+1}"),
    (x[Affine.of(i) * 2 - 1], "x_{2i−1}", "x_{2i-2}"),
    (x[Affine((), Size.of("n") - 1) - Affine.of(i)], "x_{n−i−1}", "x_{n-i+1}"),
    (x[Affine.of(1) - Affine.of(i)], "x_{1−i}", "x_{3-i}"),
    (Symbol("g_", (N,))[i], "g'_i", "g'_i"),
    (delta(i, j), "δ_ij", r"\delta_{ij}"),
    (delta(Affine.of(i) + 1, j), "δ_{i+1,j}", r"\delta_{i+1,j}"),
    (Bracket(Affine.of(j) - Affine.of(i), Size.of("m")), "[0 ≤ j−i < m]", r"[0 \le j-i < m]"),
    (SizeOf(Size.of("n") - Size.of("k") + 1), "n − k + 1", "n - k + 1"),
    # numbers and signs
    (Number(Fraction(-3, 4)), "−3/4", r"-\frac{3}{4}"),
    (Number(Fraction(44715, 10**6), "0.044715"), "0.044715", "0.044715"),
    (Constant("pi"), "π", r"\pi"),
    (negate(a), "−a", "-a"),
    (minus(minus(a)), "−(−a)", "-(-a)"),
    (product(number(-2), a), "−2 a", "-2 a"),
    (authored(Product, a, number(-2)), "a (−2)", "a (-2)"),
    (authored(Product, TWO, number(3), a), "2 · 3 a", r"2 \cdot 3 a"),
    (authored(Product, TWO, HALF, a), "2/2 a", r"\frac{2}{2} a"),
    # sums of terms keep their order
    (subtract(x[i], mu), "x_i − μ", r"x_i - \mu"),
    (authored(Add, minus(y[i]), x[i]), "−y_i + x_i", "-y_i + x_i"),
    (authored(Add, x[i], minus(authored(Add, y[i], z[i]))), "x_i − (y_i + z_i)", "x_i - (y_i + z_i)"),
    (authored(Add, x[i], authored(Add, y[i], minus(z[i]))), "x_i + (y_i − z_i)", "x_i + (y_i - z_i)"),
    (authored(Add, authored(Add, x[i], y[i]), minus(z[i])), "x_i + y_i − z_i", "x_i + y_i - z_i"),
    (add(x[i], number(-1)), "x_i − 1", "x_i - 1"),
    # products and fractions
    (product(p[i], subtract(delta(i, j), p[j])), "p_i (δ_ij − p_j)", r"p_i (\delta_{ij} - p_j)"),
    (divide(exp(z[i]), s), "e^{z_i}/s", r"\frac{e^{z_i}}{s}"),
    (
        divide(product(exp(z[i]), exp(z[j])), power(s, TWO)),
        "e^{z_i} e^{z_j} / s²",
        r"\frac{e^{z_i} e^{z_j}}{s^2}",
    ),
    (divide(subtract(x[i], mu), s), "(x_i − μ)/s", r"\frac{x_i - \mu}{s}"),
    (authored(Product, authored(Add, x[i], minus(mu)), inverse(s)), "(x_i − μ)/s", r"\frac{x_i - \mu}{s}"),
    (
        product(number(-2), power(n, MINUS_ONE), subtract(y[j], y_hat[j])),
        "−2/n (y_j − ŷ_j)",
        r"-\frac{2}{n} (y_j - \hat{y}_j)",
    ),
    (product(power(n, MINUS_ONE), x_hat[j]), "1/n x̂_j", r"\frac{1}{n} \hat{x}_j"),
    (divide(delta(i, j), s), "1/s δ_ij", r"\frac{1}{s} \delta_{ij}"),
    (divide(ONE, add(ONE, exp(negate(a)))), "1/(1 + e^{−a})", r"\frac{1}{1 + e^{-a}}"),
    (
        authored(Product, authored(Add, ONE, erf(divide(a, power(TWO, HALF)))), inverse(TWO)),
        "1/2 (1 + erf(1/√2 a))",
        r"\frac{1}{2} \left(1 + \operatorname{erf}\left(\frac{1}{\sqrt{2}} a\right)\right)",
    ),
    (authored(Product, a, inverse(Power(TWO, HALF))), "a/√2", r"\frac{a}{\sqrt{2}}"),
    (inverse(authored(Product, a, inverse(b))), "1/(a/b)", r"\frac{1}{\frac{a}{b}}"),
    # powers and roots
    (power(subtract(x[i], mu), TWO), "(x_i − μ)²", r"(x_i - \mu)^2"),
    (Power(Power(b, TWO), number(Fraction(3, 2))), "(b²)^{3/2}", "(b^2)^{3/2}"),
    (Power(var, TWO), "(σ²)²", r"(\sigma^2)^2"),
    (Power(negate(a), TWO), "(−a)²", "(-a)^2"),
    (Power(divide(a, b), TWO), "(a/b)²", r"\left(\frac{a}{b}\right)^2"),
    (power(add(var, eps), HALF), "√(σ² + ε)", r"\sqrt{\sigma^2 + \epsilon}"),
    (Power(a, negate(HALF)), "1/√a", r"\frac{1}{\sqrt{a}}"),
    (Power(exp(a), TWO), "(e^{a})²", "(e^{a})^2"),
    # functions
    (exp(negate(divide(power(a, TWO), TWO))), "e^{−a²/2}", "e^{-a^2/2}"),
    (exp(total([i], x[i])), "exp(Σ_i x_i)", r"\exp\left(\sum_i x_i\right)"),
    (log(p[i]), "log p_i", r"\log p_i"),
    (log(add(ONE, a)), "log(1 + a)", r"\log(1 + a)"),
    (product(log(a), b), "(log a) b", r"(\log a) b"),
    (product(y[i], log(p[i])), "y_i log p_i", r"y_i \log p_i"),
    (apply("abs", divide(a, b)), "|a/b|", r"\left\lvert \frac{a}{b} \right\rvert"),
    (apply("sigmoid", a), "σ(a)", r"\sigma(a)"),
    (apply("log1p", negate(a)), "log(1 + (−a))", r"\log(1 + (-a))"),
    # sums over indices
    (total([k], exp(z[k])), "Σ_k e^{z_k}", r"\sum_k e^{z_k}"),
    (total([r, i], product(W[r, i], x[i])), "Σ_{r,i} W_ri x_i", r"\sum_{r,i} W_{ri} x_i"),
    (
        product(p[j], subtract(g[j], total([i], product(g[i], p[i])))),
        "p_j (g_j − Σ_i g_i p_i)",
        r"p_j \left(g_j - \sum_i g_i p_i\right)",
    ),
    (negate(total([i], product(y[i], log(p[i])))), "−Σ_i y_i log p_i", r"-\sum_i y_i \log p_i"),
    (authored(Product, total([i], x[i]), inverse(n)), "1/n Σ_i x_i", r"\frac{1}{n} \sum_i x_i"),
    (authored(Product, total([i], x[i]), a), "(Σ_i x_i) a", r"\left(\sum_i x_i\right) a"),
    (total([i], subtract(x[i], mu)), "Σ_i (x_i − μ)", r"\sum_i (x_i - \mu)"),
    (divide(total([i], x[i]), total([i], y[i])), "(Σ_i x_i)/(Σ_i y_i)", r"\frac{\sum_i x_i}{\sum_i y_i}"),
    # cases
    (
        Piecewise((Relation(">", a, ZERO),), (a,), ZERO),
        "{a if a > 0; 0 if a ≤ 0}",
        r"\begin{cases} a & a > 0 \\ 0 & a \le 0 \end{cases}",
    ),
    # derivatives
    (by_z(p[i]), "∂p_i/∂z_j", r"\frac{\partial p_i}{\partial z_j}"),
    (by_z(exp(z[i])), "∂e^{z_i}/∂z_j", r"\frac{\partial e^{z_i}}{\partial z_j}"),
    (by_z(log(p[i])), "∂log p_i/∂z_j", r"\frac{\partial \log p_i}{\partial z_j}"),
    (by_z(power(x[i], TWO)), "∂x_i²/∂z_j", r"\frac{\partial x_i^2}{\partial z_j}"),
    (
        by_z(divide(exp(z[i]), s)),
        "∂/∂z_j (e^{z_i}/s)",
        r"\frac{\partial}{\partial z_j} \left(\frac{e^{z_i}}{s}\right)",
    ),
    (by_z(total([k], exp(z[k]))), "∂/∂z_j Σ_k e^{z_k}", r"\frac{\partial}{\partial z_j} \sum_k e^{z_k}"),
    (
        by_z(product(power(n, MINUS_ONE), total([k], x[k]))),
        "∂/∂z_j (1/n Σ_k x_k)",
        r"\frac{\partial}{\partial z_j} \left(\frac{1}{n} \sum_k x_k\right)",
    ),
    (derivative(derivative(b, a.symbol, []), a.symbol, []), "∂²b/∂a²", r"\frac{\partial^2 b}{\partial a^2}"),
    (
        by_z(power(subtract(x[i], mu), TWO)),
        "∂/∂z_j (x_i − μ)²",
        r"\frac{\partial}{\partial z_j} (x_i - \mu)^2",
    ),
    (
        by_z(power(add(var, eps), HALF)),
        "∂/∂z_j √(σ² + ε)",
        r"\frac{\partial}{\partial z_j} \sqrt{\sigma^2 + \epsilon}",
    ),
    (by_z(inverse(s)), "∂/∂z_j (1/s)", r"\frac{\partial}{\partial z_j} \left(\frac{1}{s}\right)"),
    (by_z(subtract(x[i], mu)), "∂/∂z_j (x_i − μ)", r"\frac{\partial}{\partial z_j} (x_i - \mu)"),
    (
        derivative(derivative(s, z, [i]), z, [j]),
        "∂²s/∂z_j∂z_i",
        r"\frac{\partial^2 s}{\partial z_j \partial z_i}",
    ),
    (
        product(HALF, power(s, MINUS_ONE), derivative(var, x, [j])),
        "1/(2 s) ∂σ²/∂x_j",
        r"\frac{1}{2 s} \frac{\partial \sigma^2}{\partial x_j}",
    ),
]

# ---- reading a printed formula back ------------------------------------------------------------------------

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_FUNCTIONS: dict[str, Callable[[complex], complex]] = {
    "exp": cmath.exp,
    "log": cmath.log,
    "tanh": cmath.tanh,
    "sin": cmath.sin,
    "σ": lambda v: 1 / (1 + cmath.exp(-v)),
}


class Reader:
    """The value of a formula as a person reads it."""

    def __init__(self, text: str, arrays: Mapping[str, list[float]], scalars: Mapping[str, float]) -> None:
        self.text = text
        self.arrays = arrays
        self.scalars = scalars
        self.place = 0
        self.indices: dict[str, int] = {}

    def read(self, indices: Mapping[str, int]) -> complex:
        self.indices = dict(indices)
        value = self.sum()
        assert self.place == len(self.text), f"not read: {self.text[self.place :]!r} in {self.text!r}"
        return value

    def takes(self, *signs: str) -> str:
        for sign in signs:
            if self.text.startswith(sign, self.place):
                self.place += len(sign)
                return sign
        return ""

    def matches(self, pattern: str) -> str:
        found = re.compile(pattern).match(self.text, self.place)
        if found is None:
            return ""
        self.place = found.end()
        return found[0]

    def sum(self) -> complex:
        value = -self.quotient() if self.takes("−") else self.quotient()
        while sign := self.takes(" + ", " − "):
            value += self.quotient() * (1 if "+" in sign else -1)
        return value

    def quotient(self) -> complex:
        value = self.product()
        return value / self.power() if self.takes(" / ") else value

    def product(self) -> complex:
        value = self.ratio()
        while self.takes(" · ") or (self.matches(r" (?=[\w(|√Σδ])")):
            value *= self.ratio()
        return value

    def ratio(self) -> complex:
        if self.takes("Σ_"):
            letters = (self.matches(r"\{[a-z,]+\}").strip("{}") or self.matches("[a-z]")).split(",")
            assert self.takes(" ")
            start, outside, value = self.place, dict(self.indices), 0j
            for position in itertools.product(range(len(self.arrays["x"])), repeat=len(letters)):
                self.place = start
                self.indices = {**outside, **dict(zip(letters, position, strict=True))}
                value += self.quotient()
            self.indices = outside
            return value
        value = self.power()
        return value / self.power() if self.takes("/") else value

    def power(self) -> complex:
        if self.takes("√"):
            return cmath.sqrt(self.atom())
        value = self.atom()
        if raised := self.matches("[⁰¹²³⁴⁵⁶⁷⁸⁹]+"):
            return value ** int(raised.translate(_RAISED))
        if self.takes("^{"):
            exponent = self.sum()
            assert self.takes("}")
            return value**exponent
        return value ** int(self.matches("[0-9]")) if self.takes("^") else value

    def atom(self) -> complex:
        for left, right in (("(", ")"), ("|", "|"), ("[[", "]]")):
            if self.takes(left):
                value = self.sum()
                assert self.takes(right), self.text[self.place :]
                return abs(value) if left == "|" else value
        if digits := self.matches(r"\d+(\.\d+)?"):
            return float(digits)
        name = self.matches("[a-zA-Zσδ]+")
        if name in _FUNCTIONS:
            self.takes(" ")
            return _FUNCTIONS[name](self.atom())
        if name == "δ":
            left, right = (self.indices[letter] for letter in self.subscript())
            return float(left == right)
        if name == "e":
            return cmath.e
        letters = self.subscript() if name in self.arrays else ""
        return self.arrays[name][self.indices[letters]] if letters else self.scalars[name]

    def subscript(self) -> str:
        assert self.takes("_")
        return self.matches(r"\{\w+\}").strip("{}") or self.matches(r"[a-z]+")


def as_text(latex: str) -> str:
    """LaTeX in the notation that the reader knows: only signs are exchanged, brackets stay as they are."""
    text = re.sub(r"\\(left|right|operatorname)(?![a-z])", "", latex)
    text = re.sub(r"\\lvert | \\rvert", "|", text).replace(r"\cdot", "·").replace("-", "−")
    for command, sign in ((r"\sum", "Σ"), (r"\sigma", "σ"), (r"\delta", "δ")):
        text = text.replace(command, sign)
    # a root or a fraction groups by itself what stands in its braces
    inner = r"((?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*\})*\})*)"
    while (changed := re.sub(rf"\\sqrt\{{{inner}\}}", r"√[[\1]]", text, count=1)) != text:
        text = changed
    while (
        changed := re.sub(rf"\\frac\{{{inner}\}}\{{{inner}\}}", r"[[[[\1]]/[[\2]]]]", text, count=1)
    ) != text:
        text = changed
    return re.sub(r"\\([a-z]+)", r"\1", text)
