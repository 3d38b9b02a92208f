"""What people type by habit from elsewhere and the notation has not, each with what to write instead.

Tables only: where such a sign, word or letter is met is decided in `source` and `reading`.
"""

import unicodedata

EXAMPLE = "Write NumPy notation, such as sum((X @ w - y)**2)."
_CASES = ("Write where(a > b, x, y); for two conditions, where inside where.",)
KEYWORDS: dict[str, tuple[str, str]] = {
    "lambda": ("lambda makes a function of Python, which is not read here", "Write lam or λ for the letter."),
    "for": ("a loop over entries is not read", "Write a sum over an index: sum(x[i]*y[i], i)."),
    "if": ("if does not choose between values here", *_CASES),
    "else": ("else does not choose between values here", *_CASES),
    "and": ("and does not join conditions here", *_CASES),
    "or": ("or does not join conditions here", *_CASES),
    "not": ("not does not turn a condition round here", "Write x <= 0 for not x > 0."),
    "in": ("in is not read", "Write a sum over an index: sum(x[i]*y[i], i)."),
    "is": ("is does not compare here", "Write == inside where."),
} | {
    word: (f"{word} is a word of Python and no part of a formula", "Write one expression in NumPy notation.")
    for word in (
        "as assert async await break class continue def del except finally from global import nonlocal pass "
        "raise return try while with yield"
    ).split()
}

_POWER = "Write ** for a power."
SIGNS: dict[str, tuple[str, str]] = {
    "^": ("^ is no power in NumPy", _POWER),
    "'": ("text in quotes is not read", "Write names without quotes."),
    '"': ("text in quotes is not read", "Write names without quotes."),
    "//": ("// divides whole numbers", "Write / for a quotient."),
    "%": ("% is not read", "Write @ for a matrix product, * for a product."),
    "&": ("& does not join conditions here", *_CASES),
    "|": ("| is not read", "Write abs(x) for an absolute value."),
    "~": ("~ is not read", "Write the opposite comparison: x <= 0 for ~(x > 0)."),
    "!": ("! is not read", "Write != for unequal."),
    "{": ("{ is not read", "Write ( and ) as brackets."),
    "}": ("} is not read", "Write ( and ) as brackets."),
    "$": ("LaTeX is not read", EXAMPLE),
    "\\": ("LaTeX is not read", EXAMPLE),
    ":=": (":= is not read", "Give the name on a line of its own: a = x**2."),
    "->": ("-> is not read", EXAMPLE),
    "...": ("... is not read", "Write a sum over an index: sum(x[i], i)."),
} | {
    sign: (f"{sign} is no sign of this notation", "Write NumPy notation: + - * / ** @.")
    for sign in "? ` << >> **= //= >>= <<= += -= *= /= @= %= &= |= ^=".split()
}

LETTERS_REFUSED: dict[str, tuple[str, str]] = {
    "−": ("this minus sign is not the one of the keyboard", "Write - for minus."),
    "–": ("this dash is not the minus sign of the keyboard", "Write - for minus."),
    "·": ("· is not read", "Write * for a product, @ for a matrix product."),
    "⋅": ("⋅ is not read", "Write * for a product, @ for a matrix product."),
    "×": ("× is not read", "Write * for a product, @ for a matrix product."),
    "⊙": ("⊙ is not read", "Write * for a product entry by entry."),
    "÷": ("÷ is not read", "Write / for a quotient."),
    "√": ("√ is not read", "Write sqrt(x)."),
    "∑": ("∑ is not read", "Write sum(x[i], i)."),
    "∏": ("∏ is not read", "Write exp(sum(log(x))) for a product of positive entries."),
    "≤": ("≤ is not read", "Write <=."),
    "≥": ("≥ is not read", "Write >=."),
    "≠": ("≠ is not read", "Write !=."),
    "∞": ("∞ is no number here", "Write a finite number."),
    "’": ("’ does not transpose here", "Write X.T for a transpose."),
    "，": ("， is the comma of Chinese text", "Write a comma of the keyboard: ,"),
    "（": ("（ is the bracket of Chinese text", "Write a bracket of the keyboard: ("),
    "）": ("） is the bracket of Chinese text", "Write a bracket of the keyboard: )"),
    "；": ("； is the semicolon of Chinese text", "Write a semicolon of the keyboard: ;"),
    "：": ("： is the colon of Chinese text", "Write a colon of the keyboard: :"),
} | {power: (f"{power} is no power in NumPy", _POWER) for power in "⁰¹²³⁴⁵⁶⁷⁸⁹ᵀ⁻"}
LETTERS_REFUSED["ᵀ"] = ("ᵀ does not transpose here", "Write X.T for a transpose.")

# Letters that look like a Latin one, whatever the font.
_LATIN_SHAPES = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEZHIKMNOPTYXo", strict=True))
_LATIN_SHAPES |= dict(
    zip("авеіјкмнорсѕтухһԁԛԝАВЕІЈКМНОРСЅТУХԌ", "aBeijKMHopcsTyxhdqwABEIJKMHOPCSTYXG", strict=True)
)


def letter_problem(character: str) -> tuple[str, str] | None:
    """Why this character may not stand in a name, and what to write instead."""
    if character == "_" or character.isascii():
        return None
    name = unicodedata.name(character, "a character without a name")
    latin = _LATIN_SHAPES.get(character)
    if latin:
        return f"this {character} is {name} and looks like a Latin {latin}", f"Type the Latin letter {latin}."
    if unicodedata.normalize("NFKC", character) != character:
        return f"{character} is {name}, a variant of another letter", "Type the plain letter."
    if not name.startswith(("LATIN ", "GREEK ", "COMBINING ")):
        return f"{character} is {name}, no Latin or Greek letter", "Use Latin and Greek letters in names."
    return None


# ---- functions and syntax ---------------------------------------------------------------------------------

_WITH_INDICES = "Write it with indices"
_LATER = "is not read yet"
FUNCTIONS_REFUSED: dict[str, tuple[str, str]] = {
    "pinv": (f"pinv {_LATER}", "Write inv(X.T @ X) @ X.T where X has independent columns."),
    "slogdet": ("slogdet gives two values", "Write logdet(X) for the logarithm of the determinant."),
    "eig": (f"eig {_LATER}", "Write trace(X) for the sum of the eigenvalues, det(X) for their product."),
    "eigvals": (
        f"eigvals {_LATER}",
        "Write trace(X) for the sum of the eigenvalues, det(X) for their product.",
    ),
    "svd": (f"svd {_LATER}", "Write norm(X, 'fro') for the root of the sum of squared singular values."),
    "cholesky": (f"cholesky {_LATER}", "Declare its factor L in shapes, and write L @ L.T."),
    "matrix_rank": ("matrix_rank has no derivative", "Leave it out."),
    "max": (f"the largest entry of an array {_LATER}", "Write maximum(a, b) for two values."),
    "min": (f"the smallest entry of an array {_LATER}", "Write minimum(a, b) for two values."),
    "amax": (f"the largest entry of an array {_LATER}", "Write maximum(a, b) for two values."),
    "amin": (f"the smallest entry of an array {_LATER}", "Write minimum(a, b) for two values."),
    "prod": (f"prod {_LATER}", "Write exp(sum(log(x))) for a product of positive entries."),
    "cumsum": (f"cumsum {_LATER}", "Write the sums that are needed, each on a line of its own."),
    "cumprod": (f"cumprod {_LATER}", "Write exp(sum(log(x))) for a product of positive entries."),
    "tensordot": (f"tensordot {_LATER}", f"{_WITH_INDICES}: sum(A[i, j]*B[j, k], j)."),
    "kron": (f"kron {_LATER}", f"{_WITH_INDICES}: sum(V[i, k]*A[i, j]*B[k, l]*V[j, l], i, j, k, l)."),
    "cross": (f"cross {_LATER}", "Write its three entries: a[1]*b[2] - a[2]*b[1], ..."),
    "reshape": (f"reshape {_LATER}", f"Declare the array with its axes, and {_WITH_INDICES.lower()}."),
    "stack": (f"stack {_LATER}", f"{_WITH_INDICES}: x[i]*a[j]."),
    "concatenate": (f"concatenate {_LATER}", "Declare the joined array in shapes."),
    "roll": (f"roll {_LATER}", "Declare the shifted array in shapes."),
    "tril": (f"tril {_LATER}", "Declare a mask in shapes, and multiply by it."),
    "triu": (f"triu {_LATER}", "Declare a mask in shapes, and multiply by it."),
    "argmax": ("argmax has no derivative", "Write softmax(x) for a smooth choice."),
    "argmin": ("argmin has no derivative", "Write softmax(-x) for a smooth choice."),
    "round": ("round has no derivative", "Leave out the rounding."),
    "floor": ("floor has no derivative", "Leave out the rounding."),
    "ceil": ("ceil has no derivative", "Leave out the rounding."),
    "array": ("arrays of numbers are not read", "Declare a name for the array in shapes."),
    "asarray": ("arrays of numbers are not read", "Declare a name for the array in shapes."),
    "range": ("a loop over entries is not read", "Write a sum over an index: sum(x[i], i)."),
    "len": ("len is not read", "Write x.shape[0] for the length of x."),
    "float": ("float is not read", "Write the number itself."),
    "int": ("int is not read", "Write the number itself."),
    "total": ("total is not read", "Write sum(x[i], i)."),
    "derivative": ("derivatives are not written in the text", "Give the variable as wrt."),
    "grad": ("derivatives are not written in the text", "Give the variable as wrt."),
}

NUMBERS_REFUSED: dict[str, tuple[str, str]] = {
    name: (f"{name} is no number to calculate with", "Write a finite number.")
    for name in ("nan", "NaN", "NAN", "inf", "Inf", "infinity", "Infinity")
} | {
    "e": ("e is not declared", "Write exp(1) for Euler's number."),
    "True": ("True is no number", "Write 1."),
    "False": ("False is no number", "Write 0."),
    "None": ("None is no value", "Write x[:, None] for a further axis."),
}

SYNTAX_REFUSED: dict[str, tuple[str, str]] = {
    "Tuple": ("a comma makes a list of values here", "Write one expression."),
    "List": ("lists of values are not read", "Declare a name for the array in shapes."),
    "Compare": ("a comparison is no number", "Write where(x > 0, 1, 0)."),
    "Slice": ("a slice stands outside brackets", EXAMPLE),
    "Starred": ("* before an argument is not read", "Write the arguments one by one."),
}
