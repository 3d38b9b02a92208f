"""One kernel as the text of one function: arguments and their checks, the body, and what the docstring says.

Only inputs that the value needs become arguments; an input may also be needed for its sizes alone, as for a
Hessian that is a constant.  The batch of every argument reaches the result, whatever it was needed for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from derivations.codegen.graph import Graph, Node, sizes_of, walk
from derivations.codegen.lowering import Lowering
from derivations.codegen.printer import TAKEN, Printer, Text, identifier
from derivations.codegen.schedule import unused
from derivations.codegen.special import with_needs
from derivations.codegen.spelling import Spelling
from derivations.codegen.stability import Calculation, stabilized
from derivations.indices import Index, Size
from derivations.scope import Definitions, Scope
from derivations.terms import Component, Relation, Symbol, Term, subterms

COTANGENT = "g"
VJP_SUMMARY = "The gradient of a loss with respect to {variable}; g is that with respect to {target}."
_ALIASING = frozenset({"input", "expand", "permute", "take", "diagonal"})


@dataclass(frozen=True)
class Kernel:
    """What one function computes: `result` over `indices`, from `inputs` through `names`."""

    name: str
    question: str
    variables: tuple[Symbol, ...]
    calculation: Calculation
    indices: tuple[Index, ...]
    inputs: tuple[Symbol, ...]
    cotangents: tuple[Symbol, ...] = ()
    defaults: Mapping[str, str] | None = None
    summary: str = ""
    assumes: tuple[Relation, ...] = ()
    from_output: bool = False
    called: str = ""  # the name of the result inside the function, where the formula has one
    target: Symbol | None = None  # what the question is about; of a value, the name that it is the value of
    scope: Scope | None = None  # for a point at which a check that goes with the code can look


@dataclass(frozen=True)
class WrittenKernel:
    """The text of the function by its parts, and what it calls."""

    name: str
    header: str  # its arguments, with defaults
    documentation: tuple[str, ...]
    body: tuple[str, ...]
    decorator: str
    signature: str
    arguments: tuple[str, ...]
    symbols: tuple[Symbol, ...]  # what the arguments are
    given: str  # what `_floats` is called with: each argument and the number of its own axes
    helpers: frozenset[str]

    @property
    def source(self) -> str:
        lines = [*self.documentation, *self.body]
        head = [*([self.decorator] if self.decorator else []), f"def {self.name}({self.header}):"]
        return "\n".join([*head, *indented(lines)]) + "\n"


def indented(lines: Iterable[str], by: int = 4) -> list[str]:
    return [" " * by + line if line else "" for line in lines]


def assembled(
    head: str,
    functions: Iterable[WrittenKernel],
    spelling: Spelling,
    rest: str = "",
    called: Iterable[str] = (),
) -> str:
    """A module: its first lines, what reads arguments, the helpers, the functions, the rest.

    `called` are helpers that the rest calls.
    """
    functions = list(functions)
    helpers = {name for function in functions for name in function.helpers} | set(called)
    texts = [spelling.helpers[name].source.lstrip("\n") for name in with_needs(helpers, spelling.helpers)]
    parts = [head, spelling.floats.lstrip("\n"), *texts, *(function.source for function in functions)]
    return "\n\n".join([*parts, rest.lstrip("\n")] if rest else parts)


def reached(result: Term, names: Definitions) -> set[str]:
    """Names of the inputs that a value depends on, through all names."""
    found: set[str] = set()
    seen: set[str] = set()

    def visit(term: Term) -> None:
        for sub in subterms(term):
            if isinstance(sub, Component) and sub.symbol.name not in seen:
                seen.add(sub.symbol.name)
                definition = names.get(sub.symbol.name)
                if definition is None:
                    found.add(sub.symbol.name)
                else:
                    visit(definition.body)

    visit(result)
    return found


def written(kernel: Kernel, spelling: Spelling) -> WrittenKernel:
    """The function of this kernel in a language."""
    graph = Graph()
    calculation = stabilized(kernel.calculation)
    everything = (*kernel.inputs, *kernel.cotangents)
    lowering = Lowering(calculation.names, everything, graph)
    operand = lowering.operand(calculation.result, kernel.indices)
    result = lowering.fitted(operand, kernel.indices)
    repeated = set(operand[1]) != set(kernel.indices)
    arguments = _arguments(kernel, result, repeated)
    spelled = {symbol.name: _spelled(symbol, kernel) for symbol in arguments}
    shapes = _shapes(arguments, spelled)
    taken = {*spelled.values(), kernel.name, *TAKEN}
    sizes = {str(size): unused(str(size), taken) for size in shapes if size.names == (str(size),)}
    printer = Printer(spelling, sizes, spelled[arguments[0].name], spelled)
    lines, value = printer.body(result, graph, taken, identifier(kernel.called or kernel.question))
    batch = _batch(kernel, result, arguments, spelled, printer, repeated)
    if batch:
        lines.append(f"{value} = {value} + {printer.spelled('zeros', shape=batch)}")
    signature = ",".join(_core(symbol) for symbol in arguments) + "->" + _core_of(kernel.indices)
    names = [spelled[symbol.name] for symbol in arguments]
    default = kernel.defaults or {}
    header = ", ".join(
        f"{spelled[s.name]}={default[s.name]}" if s.name in default else spelled[s.name] for s in arguments
    )
    given = ", ".join(f"{spelled[s.name]}=({spelled[s.name]}, {len(s.axes)})" for s in arguments)
    # a result may not share memory with an argument, so a view is copied
    view = result.operation in _ALIASING and not batch
    returned = printer.spelled("result_of_view" if view else "result", Text(value))
    if not kernel.indices:
        returned = printer.spelled("result_of_number", Text(returned))
    body = [
        f"kind, ({', '.join(names)}{',' if len(names) == 1 else ''}) = _floats({given})",
        *_checks(shapes),
        *(
            f"{sizes[name]} = {places[0]}"
            for size, places in shapes.items()
            if (name := str(size)) in printer.used_sizes
        ),
        *lines,
        f"return {returned}",
    ]
    return WrittenKernel(
        kernel.name,
        header,
        tuple(_documentation(kernel, signature, spelling)),
        tuple(body),
        spelling.decorator,
        signature,
        tuple(names),
        arguments,
        given,
        frozenset(printer.helpers),
    )


def _arguments(kernel: Kernel, result: Node, repeated: bool) -> tuple[Symbol, ...]:
    """Inputs that are needed, in order; then the cotangent; then what has a default."""
    used = {node.data[0] for node in walk(result) if node.operation == "input"}
    sizes = set(sizes_of(result))
    if repeated:
        sizes |= {name for index in kernel.indices for name in index.axis.size.names}
    everything = (*kernel.inputs, *kernel.cotangents)
    wanted = {symbol.name for symbol in everything if symbol.name in used}
    for name in sorted(sizes):
        if not any(_has_size(s, name) for s in everything if s.name in wanted):
            candidates = [s for s in (*kernel.variables, *everything) if _has_size(s, name)]
            wanted.add(candidates[0].name)
    if not wanted:
        wanted.add((*kernel.variables, *kernel.inputs)[0].name)
    default = kernel.defaults or {}
    plain = [s for s in kernel.inputs if s.name in wanted and s.name not in default]
    last = [s for s in kernel.inputs if s.name in wanted and s.name in default]
    return (*plain, *(s for s in kernel.cotangents if s.name in wanted), *last)


def _has_size(symbol: Symbol, name: str) -> bool:
    return any(axis.size == Size.of(name) for axis in symbol.axes)


def _spelled(symbol: Symbol, kernel: Kernel) -> str:
    if symbol not in kernel.cotangents:
        name = identifier(symbol.name)
        return f"{name}_in" if name == COTANGENT and kernel.cotangents else name
    place = kernel.cotangents.index(symbol)
    return COTANGENT if place == 0 else f"{COTANGENT}{place + 1}"


def _shapes(arguments: tuple[Symbol, ...], spelled: Mapping[str, str]) -> dict[Size, list[str]]:
    """For each size the places where it can be read."""
    shapes: dict[Size, list[str]] = {}
    for symbol in arguments:
        for place, axis in enumerate(symbol.axes):
            expression = f"{spelled[symbol.name]}.shape[{place - len(symbol.axes)}]"
            shapes.setdefault(axis.size, []).append(expression)
    return shapes


def _checks(shapes: Mapping[Size, list[str]]) -> list[str]:
    lines = []
    for size, places in shapes.items():
        if size.constant is not None:
            for place in places:
                lines.append(f"if {place} != {size}:")
                lines.append(f'    raise ValueError(f"{place} is {{{place}}} and must be {size}")')
        for place in places[1:] if size.constant is None else ():
            lines.append(f"if {place} != {places[0]}:")
            lines.append(_refusal(size, places[0], place))
    return lines


def _refusal(size: Size, first: str, other: str) -> str:
    return f'    raise ValueError(f"the size {size} is {{{first}}} by {first} and {{{other}}} by {other}")'


def _core(symbol: Symbol) -> str:
    return "(" + ",".join(str(axis.size) for axis in symbol.axes) + ")"


def _core_of(indices: tuple[Index, ...]) -> str:
    return "(" + ",".join(str(index.axis.size) for index in indices) + ")"


def _batch(
    kernel: Kernel,
    result: Node,
    arguments: tuple[Symbol, ...],
    spelled: Mapping[str, str],
    printer: Printer,
    repeated: bool,
) -> str:
    """The shape to fill, where the result lacks one of its axes or the batch of an argument."""
    used = {node.data[0] for node in walk(result) if node.operation == "input"}
    batches = []
    for symbol in arguments:
        if symbol.name not in used:
            own = f"[:-{len(symbol.axes)}]" if symbol.axes else ""
            batches.append(f"{spelled[symbol.name]}.shape{own}")
    if not batches and not repeated:
        return ""
    sizes = ", ".join(printer.size(index.axis.size).code for index in kernel.indices)
    core = f"({sizes},)" if len(kernel.indices) == 1 else f"({sizes})"
    batch = batches[0] if len(batches) == 1 else printer.spelled("broadcast", Text(", ".join(batches)))
    return " + ".join(part for part in (batch if batches else "", core if kernel.indices else "") if part)


def _documentation(kernel: Kernel, signature: str, spelling: Spelling) -> list[str]:
    notes = kernel.summary.splitlines()
    for relation in kernel.assumes:
        notes.append(f"Holds where {relation_text(relation, kernel.inputs, spelling)}.")
    if kernel.question == "vjp" and len(kernel.inputs) > 1:
        notes.append("Leading axes are a batch; no sum over it is taken.")
    if not notes:
        return [f'"""{kernel.name}: {signature}"""']
    return [f'"""{kernel.name}: {signature}', "", *notes, '"""']


def relation_text(relation: Relation, inputs: tuple[Symbol, ...], spelling: Spelling) -> str:
    """A relation in the notation of the language, names as they are."""
    graph = Graph()
    lowering = Lowering(Definitions(), inputs, graph)
    order = tuple(sorted(relation.free, key=lambda i: (i.letter, i.serial)))
    sizes = {name: name for axis in (a for s in inputs for a in s.axes) for name in axis.size.names}
    printer = Printer(spelling, sizes, "")
    sides = (lowering.operand(side, order)[0] for side in (relation.left, relation.right))
    left, right = (printer.text(side).code for side in sides)
    return f"{left} {relation.operator} {right}"
