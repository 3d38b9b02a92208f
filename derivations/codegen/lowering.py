"""Terms to array operations: indices become axes, and each name is computed once.

A node has the axes of the indices that are free in its term, in the order of the context.  A sum of products
is taken one index at a time: a matrix product where one index stands on either side, else product and sum.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from derivations.arithmetic import coefficient_and_rest, factors, negate, number, power, product, summands
from derivations.codegen.graph import REDUCTIONS, Graph, Node, Operand, inputs_below
from derivations.functions import record
from derivations.indices import Index, Size
from derivations.numerics import MP
from derivations.scope import Definition, Definitions
from derivations.terms import (
    Add,
    Component,
    Constant,
    Delta,
    Function,
    Number,
    Piecewise,
    Power,
    Product,
    Relation,
    SizeOf,
    Sum,
    Symbol,
    Term,
    TermError,
)


class NoArrayForm(TermError):
    """A term that has no array operation here; the message shows it."""


class Lowering:
    """Terms to nodes, with names computed once."""

    def __init__(self, names: Definitions, inputs: Iterable[Symbol], graph: Graph) -> None:
        self.names = names
        self.inputs = {symbol.name: symbol for symbol in inputs}
        self.graph = graph
        self._computed: dict[str, tuple[Node, tuple[int, ...]]] = {}

    def array(self, term: Term, indices: tuple[Index, ...]) -> Node:
        """The value over these indices; an index that the term does not have gets length 1."""
        return self.fitted(self.operand(term, indices), indices)

    def fitted(self, operand: Operand, indices: tuple[Index, ...]) -> Node:
        """The operand over these indices; a number becomes an array."""
        node = self.graph.fitted(operand, indices)
        return self.graph.node("full", node, axes=len(indices)) if node.plain else node

    def operand(self, term: Term, order: tuple[Index, ...]) -> Operand:
        """The value over the indices that are free in the term, in the order given."""
        if _is_plain(term):
            return self.graph.node("number", data=(term,)), ()
        match term:
            case Component():
                return self._component(term, order)
            case Delta():
                return self._delta(term, order)
            case Add():
                return self._add(term, order)
            case Product():
                return self._product(term, order)
            case Power():
                return self._power(term, order)
            case Function(head=head, arguments=(Component(symbol=symbol),)) if (
                head.name == "log" and self._is_determinant(symbol)
            ):
                body = self.names[symbol.name].body
                rows = tuple(sorted(body.free, key=lambda i: (i.letter, i.serial)))
                return self.graph.node("log_determinant", self.array(body, rows), axes=0), ()
            case Function(head=head, arguments=arguments):
                nodes, indices = self._aligned([self.operand(a, order) for a in arguments], order)
                return self.graph.elementwise("apply", *nodes, data=(head.name,)), indices
            case Sum():
                return self._sum(term, order)
            case Piecewise():
                return self._piecewise(term, order)
        raise NoArrayForm(f"no array operation for {type(term).__name__} in {term}")

    def _is_determinant(self, symbol: Symbol) -> bool:
        """Whether the name is the determinant of one matrix."""
        if symbol.name not in self.names:
            return False
        definition = self.names[symbol.name]
        return definition.operation == "determinant" and not definition.indices

    def _aligned(
        self, operands: list[Operand], order: tuple[Index, ...]
    ) -> tuple[list[Node], tuple[Index, ...]]:
        present = {i for _, own in operands for i in own}
        indices = tuple(i for i in order if i in present)
        return [self.graph.fitted(operand, indices) for operand in operands], indices

    # ---- leaves

    def _component(self, term: Component, order: tuple[Index, ...]) -> Operand:
        node, kept = self._symbol(term.symbol)
        own: list[Index] = []
        places: list[Size | None] = []
        for slot in (term.indices[place] for place in kept):
            if slot.index is not None:
                own.append(slot.index)
                places.append(None)
            elif not slot.parts:
                places.append(slot.offset)
            else:
                raise NoArrayForm(f"{term.symbol.name} is shifted along an axis: no array form here")
        if any(place is not None for place in places):
            node = self.graph.node("take", node, data=(tuple(places),), axes=len(own))
        if len(set(own)) < len(own):
            if len(own) != 2:
                raise NoArrayForm(f"{term.symbol.name} has an index more than once beside others")
            node = self.graph.node("diagonal", node, axes=1)
            own = own[:1]
        indices = tuple(i for i in order if i in own)
        if len(own) == 2 and term.symbol.symmetric and term.symbol.name in self.names:
            # a name that is symmetric by its definition; what a caller passes may only nearly be
            own = list(indices)
        return self.graph.fitted((node, tuple(own)), indices), indices

    def _symbol(self, symbol: Symbol) -> tuple[Node, tuple[int, ...]]:
        """The array of a symbol, and which of the symbol's axes it has."""
        if symbol.name not in self.names:
            node = self.graph.node("input", data=(symbol.name,), axes=len(symbol.axes))
            return node, tuple(range(len(symbol.axes)))
        if symbol.name not in self._computed:
            self._computed[symbol.name] = self._definition(self.names[symbol.name])
        return self._computed[symbol.name]

    def _definition(self, definition: Definition) -> tuple[Node, tuple[int, ...]]:
        indices, body = definition.indices, definition.body
        everywhere = tuple(range(len(indices)))
        if not definition.operation:
            # an index that the body lacks gets no axis: one of length 1 would be summed once and not n times
            operand = self.operand(body, indices)
            node = self.graph.named(self.fitted(operand, operand[1]), definition.symbol.name)
            return node, tuple(place for place in everywhere if indices[place] in operand[1])
        inner = tuple(sorted(body.free - set(indices), key=lambda i: (i.letter, i.serial)))
        whole = self.array(body, (*indices, *inner))
        operation = definition.operation
        if operation in REDUCTIONS:
            node = whole
            for left in reversed(range(len(inner))):
                # over one axis after the other: the largest of the largest entries
                node = self.graph.node(operation, node, data=(-1, False), axes=len(indices) + left)
        else:
            node = self.graph.node(operation, whole, axes=len(indices))
        return self.graph.named(node, definition.symbol.name), everywhere

    def _delta(self, term: Delta, order: tuple[Index, ...]) -> Operand:
        left, right = term.left.index, term.right.index
        if left is None or right is None or left == right:
            raise NoArrayForm("a delta between shifted indices has no array form here")
        indices = tuple(i for i in order if i in (left, right))
        return self.graph.node("identity", data=(left.axis.size,), axes=2), indices

    # ---- arithmetic

    def _add(self, term: Add, order: tuple[Index, ...]) -> Operand:
        parts = [(coefficient_and_rest(t)[0] < 0, t) for t in summands(term)]
        parts.sort(key=lambda part: part[0])  # a sum does not begin with a minus where it need not
        operands = [self.operand(negate(t) if minus else t, order) for minus, t in parts]
        nodes, indices = self._aligned(operands, order)
        return self.graph.elementwise("add", *nodes, data=tuple(minus for minus, _ in parts)), indices

    def _product(self, term: Term, order: tuple[Index, ...]) -> Operand:
        above, below, scale = self._split(term)
        means = [f for f in above if isinstance(f, Sum) and self._is_mean(f, below)]
        operands: list[Operand] = []
        for factor in above:
            if means and factor is means[0]:
                assert isinstance(factor, Sum)
                below.remove(SizeOf(factor.axes[0].size))
                operands.append(self._sum(factor, order, mean=True))
            else:
                operands.append(self.operand(factor, order))
        constant: list[Term] = [f for f in below if isinstance(f, SizeOf)]
        divisors = [self.operand(f, order) for f in below if not isinstance(f, SizeOf)]
        return self._scaled(self._multiplied(operands, order), divisors, scale, constant, order)

    def _split(self, term: Term) -> tuple[list[Term], list[Term], Term]:
        """Factors above the line, factors below it (sizes among them), and the constant number."""
        scale: list[Term] = []
        above: list[Term] = []
        below: list[Term] = []
        for factor in factors(term):
            if _is_constant(factor):
                scale.append(factor)
            elif (
                isinstance(factor, Power)
                and isinstance(factor.exponent, Number)
                and factor.exponent.value < 0
            ):
                exponent = -factor.exponent.value
                if exponent.denominator == 1 and exponent <= 3:
                    # one after the other: the product of two divisors may leave the range of the type
                    below += [factor.base] * int(exponent)
                else:
                    below.append(power(factor.base, number(exponent)))
            else:
                above.append(factor)
        return above, below, product(*scale)

    @staticmethod
    def _is_mean(factor: Sum, below: list[Term]) -> bool:
        (index, *more), body = factor.opened
        return not more and SizeOf(index.axis.size) in below and index in body.free

    def _multiplied(self, operands: list[Operand], order: tuple[Index, ...]) -> Operand | None:
        if not operands:
            return None
        sizes = [operand for operand in operands if operand[0].plain]
        arrays = sorted((o for o in operands if not o[0].plain), key=lambda o: len(o[1]))
        nodes, indices = self._aligned(sizes + arrays, order)
        if len(nodes) == 1:
            return nodes[0], indices
        return self.graph.elementwise("multiply", *nodes), indices

    def _scaled(
        self,
        above: Operand | None,
        divisors: list[Operand],
        scale: Term,
        sizes: list[Term],
        order: tuple[Index, ...],
    ) -> Operand:
        number_part = product(scale, *(power(size, number(-1)) for size in sizes))
        negative = coefficient_and_rest(number_part)[0] < 0
        if negative:
            number_part = negate(number_part)
        one = number_part == number(1)
        if above is None:
            above, one = (self.graph.node("number", data=(number_part,)), ()), True
        elif above[0].plain:
            one = True
            above = (
                self.graph.elementwise("multiply", self.graph.node("number", data=(number_part,)), above[0]),
                (),
            )
        node, indices = above
        if not one:
            divisor = power(number_part, number(-1))
            if isinstance(divisor, SizeOf) or (
                isinstance(divisor, Number) and divisor.value.denominator == 1
            ):
                node = self.graph.elementwise("divide", node, self.graph.node("number", data=(divisor,)))
            else:
                node = self.graph.elementwise(
                    "multiply", self.graph.node("number", data=(number_part,)), node
                )
        for operand in divisors:
            (node, divided), indices = self._aligned([(node, indices), operand], order)
            node = self.graph.elementwise("divide", node, divided)
        return (self.graph.elementwise("negate", node) if negative else node), indices

    def _power(self, term: Power, order: tuple[Index, ...]) -> Operand:
        exponent = term.exponent
        if isinstance(exponent, Number) and exponent.value < 0:
            return self._product(term, order)
        base = self.operand(term.base, order)
        if exponent == number(Fraction(1, 2)):
            return self.graph.elementwise("apply", base[0], data=("sqrt",)), base[1]
        if exponent == number(2):
            return self.graph.elementwise("apply", base[0], data=("square",)), base[1]
        nodes, indices = self._aligned([base, self.operand(exponent, order)], order)
        return self.graph.elementwise("power", *nodes), indices

    def _piecewise(self, term: Piecewise, order: tuple[Index, ...]) -> Operand:
        conditions = [self._relation(relation, order) for relation in term.conditions]
        values = [self.operand(v, order) for v in (*term.values, term.otherwise)]
        sides = [self.operand(s, order) for r in term.conditions for s in (r.left, r.right)]
        # comparisons with NaN are false, so NaN takes the last branch and is lost where that forgets it
        kept = inputs_below(values[-1][0])
        lost = [side for side in sides if not inputs_below(side[0]) <= kept]
        nodes, indices = self._aligned([*conditions, *values, *lost], order)
        n = len(conditions)
        chosen, node, compared = nodes[n : 2 * n], nodes[2 * n], nodes[2 * n + 1 :]
        for side in compared:
            node = self.graph.elementwise("where_nan", side, node)
        for condition, value in reversed(list(zip(nodes[:n], chosen, strict=True))):
            node = self.graph.elementwise("where", condition, value, node)
        return node, indices

    def _relation(self, relation: Relation, order: tuple[Index, ...]) -> Operand:
        nodes, indices = self._aligned(
            [self.operand(relation.left, order), self.operand(relation.right, order)], order
        )
        return self.graph.elementwise("compare", *nodes, data=(relation.operator,)), indices

    # ---- sums

    def _sum(self, term: Sum, order: tuple[Index, ...], mean: bool = False) -> Operand:
        bound, body = term.opened
        if not set(bound).isdisjoint(order):
            bound, body = term.freshly_opened()
        order = (*order, *bound)
        above, below, scale = self._split(body)
        operands = [self.operand(f, order) for f in above]
        for factor in below:
            node, indices = self.operand(factor, order)
            one = self.graph.node("number", data=(number(1),))
            operands.append((self.graph.elementwise("divide", one, node), indices))
        missing = [i for i in bound if all(i not in own for _, own in operands)]
        counted = product(*(SizeOf(i.axis.size) for i in missing))
        for index in sorted((i for i in bound if i not in missing), key=lambda i: self._cost(operands, i)):
            operands = self._contracted(operands, index, order, mean)
        return self._scaled(self._multiplied(operands, order), [], product(scale, counted), [], order)

    @staticmethod
    def _cost(operands: list[Operand], index: Index) -> int:
        return len({i for _, own in operands if index in own for i in own})

    def _contracted(
        self, operands: list[Operand], index: Index, order: tuple[Index, ...], mean: bool
    ) -> list[Operand]:
        """Everything that has the index, multiplied and summed over it; where it can be, a matrix product."""
        inside = [o for o in operands if index in o[1]]
        outside = [o for o in operands if index not in o[1]]
        groups: dict[frozenset[Index], list[Operand]] = {}
        for operand in inside:
            groups.setdefault(frozenset(operand[1]) - {index}, []).append(operand)
        for smaller in sorted(groups, key=len):
            larger = next((key for key in groups if smaller < key), None)
            if len(groups) > 2 and larger is not None:
                groups[larger] += groups.pop(smaller)
        if not mean and len(groups) == 2 and len(inside) > 1:
            a, b = (self._group(group, order) for group in groups.values())
            made = self._matrix_product(a, b, index, order)
            if made is not None:
                return [*outside, made]
        node, indices = self._group(inside, order)
        place = indices.index(index)
        if node.operation == "permute":
            (sources,) = node.data
            if sorted(sources[:place] + sources[place + 1 :]) == [*sources[:place], *sources[place + 1 :]]:
                (node,), place = node.arguments, sources[place]
        data = (place - len(indices), False)
        reduced = self.graph.node("mean" if mean else "sum", node, data=data, axes=len(indices) - 1)
        return [*outside, (reduced, tuple(i for i in indices if i != index))]

    def _group(self, operands: list[Operand], order: tuple[Index, ...]) -> Operand:
        made = self._multiplied(operands, order)
        assert made is not None
        return made

    def _matrix_product(
        self, a: Operand, b: Operand, index: Index, order: tuple[Index, ...]
    ) -> Operand | None:
        """`sum_k a[r, k] b[k, c]`, where at most one index stands on either side and none on both."""
        rows = tuple(i for i in a[1] if i != index)
        columns = tuple(i for i in b[1] if i != index)
        if len(rows) > 1 or len(columns) > 1 or rows == columns:
            return None
        if rows and columns and order.index(rows[0]) > order.index(columns[0]):
            a, b, rows, columns = b, a, columns, rows
        if not rows and columns:
            a, b, rows, columns = b, a, columns, rows
        left = self.graph.fitted(a, (*rows, index))
        if columns:
            node = self.graph.node("matmul", left, self.graph.fitted(b, (index, *columns)), axes=2)
            return node, (*rows, *columns)
        if left.operation == "inverse":
            return self._solution(left.arguments[0], b[0]), rows
        return self.graph.node("matvec", left, b[0], axes=1), rows

    def _solution(self, matrix: Node, right: Node) -> Node:
        """An inverse times a vector is a system to solve; a normal equation is a least-squares problem.

        Solved from the array itself it keeps twice as many digits as from the product with its transpose.
        """
        if matrix.operation == "matmul" and right.operation == "matvec":
            transposed, array = matrix.arguments
            turned = transposed.operation == "permute" and transposed.arguments == (array,)
            if turned and right.arguments[0] is transposed:
                return self.graph.node("least_squares", array, right.arguments[1], axes=1)
        return self.graph.node("solve", matrix, right, axes=1)


def _is_plain(term: Term) -> bool:
    """A number that needs no array: made of numbers and sizes."""
    if isinstance(term, Power | Product | Add | Function):
        return all(_is_plain(child) for child in term.children)
    return isinstance(term, Number | Constant | SizeOf)


def _is_constant(term: Term) -> bool:
    """A number that is known when code is written."""
    if isinstance(term, Power):
        return _is_constant(term.base) and _is_constant(term.exponent)
    if isinstance(term, Product | Add):
        return all(_is_constant(child) for child in term.children)
    if isinstance(term, Function):
        return all(_is_constant(child) for child in term.arguments)
    return isinstance(term, Number | Constant)


def constant_value(term: Term) -> Any:
    """A constant to 50 digits."""
    match term:
        case Number(value=value):
            return MP.mpf(value.numerator) / value.denominator
        case Constant(name=name):
            return +getattr(MP, name)
        case Power(base=base, exponent=exponent):
            return constant_value(base) ** constant_value(exponent)
        case Product(factors=parts):
            value = MP.mpf(1)
            for part in parts:
                value *= constant_value(part)
            return value
        case Add(terms=parts):
            return MP.fsum(constant_value(part) for part in parts)
        case Function(head=head, arguments=(argument,)):
            return record(head.name).value(MP, constant_value(argument))
    raise NoArrayForm(f"{type(term).__name__} is not a number that is known beforehand")
