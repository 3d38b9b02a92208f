"""What pages say in words, put together from labels; and how LaTeX and numbers stand among words.

Templates hold no language and labels hold no logic, so the rules by which words are joined stand here: lists,
clauses and titles differ between languages in more than their words. Only text in Markdown comes out.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from derivations.words import Text, label

Record = Mapping[str, Any]
HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Sentences:
    """What is put together from several words. Where the languages differ, a label says how."""

    language: str
    rules: Mapping[str, Text]

    def label(self, key: str, **values: object) -> str:
        return label(key, self.language, **values)

    def joined(self, how: str, items: Iterable[str]) -> str:
        """The items as a list, as clauses or as conditions: `how` is the label that joins two of them."""
        return reduce(lambda first, rest: self.label(f"mark.{how}", first=first, rest=rest), items)

    def rule(self, step: Mapping[str, Any], root: str) -> str:
        name = f"**{self.rule_link(step['rule'], root)}**"
        others = [self.rule_link(rule, root, inside=True) for rule in step["with"]]
        return self.label("step.named", rule=name, others=self.joined("listing", others)) if others else name

    def rule_link(self, rule: str, root: str, inside: bool = False) -> str:
        """A rule's name, linked; inside a sentence in lower case, but for one that begins with an acronym."""
        name = self.rules[rule][self.language]
        if inside and not name[1:2].isupper():
            name = name[:1].lower() + name[1:]
        return f"[{name}]({root}rules/index.md#{rule})"

    def earlier(self, record: Record, derivation: Mapping[str, Any]) -> str:
        """What a derivation uses and an earlier one on the page has shown, linked."""
        titles = {
            (row["id"], chain["id"]): chain["title"][self.language]
            for row in record["derivations"]
            for chain in row["chains"]
        }
        rows = [(row["derivation"], row["chain"]) for row in derivation.get("earlier", ())]
        links = [f"[{titles[row]}](#{row[0]}-{row[1]})" for row in rows]
        return self.label("derivation.earlier", chains=self.joined("listing", links)) if links else ""

    def claim_reference(self, record: Record, key: str) -> str:
        rows = [row for row in record["references"] if row.get("key") == key]
        return self.label("claim.reference", reference=self.reference(rows[0]) if rows else key)

    def step_count(self, derivation: Mapping[str, Any]) -> str:
        """How long a derivation is: a lemma is one thing to follow, however many steps prove it."""
        lemmas = [chain for chain in derivation["chains"] if chain["kind"] == "lemma"]
        steps = sum(len(chain["steps"]) for chain in derivation["chains"] if chain not in lemmas)
        parts = [self.counted("step", steps)] + ([self.counted("lemma", len(lemmas))] if lemmas else [])
        return self.joined("clauses", parts)

    def counted(self, what: str, count: int) -> str:
        return self.label(f"counted.{what}{'s' if count != 1 else ''}", count=count)

    def evidence(self, evidence: Mapping[str, Any]) -> str:
        points, tolerance, seed = evidence["points"], evidence["tolerance"], evidence["seed"]
        details = [self.label(f"evidence.method.{method}") for method in evidence["method"].split("+")]
        if points:
            details.append(self.counted("point", points))
        if tolerance:
            details.append(self.tolerance(tolerance))
        details.append(self.label("evidence.seed", seed=seed))
        verdict = self.label(f"evidence.verdict.{evidence['verdict']}")
        return self.label("evidence.line", verdict=verdict, details=self.joined("clauses", details))

    def tolerance(self, tolerance: str) -> str:
        """A number, a count of units in the last place, or a word that says how it was measured."""
        if units := re.fullmatch(r"(\d+) ?ulp", tolerance):
            return self.label("evidence.ulp", count=units[1])
        if tolerance[0].isdigit():
            return self.label("evidence.tolerance", tolerance=inline(number(tolerance)))
        return self.label(f"evidence.{tolerance}")

    def search(self, evidence: Mapping[str, Any]) -> str:
        """How a counterexample was found."""
        points = self.counted("point", evidence["points"])
        return self.label("evidence.search", points=points, seed=evidence["seed"])

    def no_matrix_form(self, reason: Mapping[str, str]) -> str:
        return self.label("result.reason", reason=reason[self.language].rstrip(".。"))

    def conditions(self, conditions: Iterable[Mapping[str, Any]]) -> str:
        said = [
            inline(row["latex"]) if row.get("latex") else row["text"][self.language] for row in conditions
        ]
        return self.label("result.conditions", conditions=self.joined("conditions", said))

    def counterexample(self, found: Mapping[str, Any]) -> str:
        point, seen, claimed = inline(found["latex"]), value(found["found"]), found["claimed"]
        if not claimed:
            return self.label("claim.found", point=point, found=seen)
        key = "claim.instead_of" if _RELATION.match(claimed) is None else "claim.not_so"
        return self.label(key, point=point, found=seen, claimed=value(claimed))

    def source(self, source: Mapping[str, Any], where: str = "") -> str:
        title = self.label("mark.title", title=source["title"])
        linked = f"[{title}]({source['address']})" if source.get("address") else title
        return self.joined("clauses", [part for part in (linked, source.get("author"), where) if part])

    def formulas(self, records: Iterable[Record], root: str) -> str:
        """The formulas whose derivations use a rule, linked to these."""
        return self.joined(
            "listing",
            [f"[{r['name'][self.language]}]({root}{r['chapter']}/{r['id']}.md#derivation)" for r in records],
        )

    def reference(self, reference: Mapping[str, Any]) -> str:
        parts = [reference["text"]]
        if reference.get("doi"):
            parts.append(f"[doi:{reference['doi']}](https://doi.org/{reference['doi']})")
        if reference.get("arxiv"):
            parts.append(f"[arXiv:{reference['arxiv']}](https://arxiv.org/abs/{reference['arxiv']})")
        if reference.get("url"):
            parts.append(f"[{self.label('reference.link')}]({reference['url']})")
        return " ".join(parts)


def tex(text: str) -> str:
    """LaTeX as it may stand in Markdown: no bar, which ends a table cell, and no <, which opens a tag."""
    return text.replace("<", r"\lt ").replace(">", r"\gt ").replace("|", r"\vert ").strip()


# Relations that records name by a word; the others are written as they are.
_RELATIONS = {"==": "=", "!=": r"\ne", "<=": r"\le", ">=": r"\ge", "iff": r"\iff", "implies": r"\implies"}


# What was claimed, where it was no number: a relation and a number.
_RELATION = re.compile(r"(<=|>=|!=|<|>) (.*)")


def relation(name: str) -> str:
    return _RELATIONS.get(name, name)


def index_form(derivation: Mapping[str, Any]) -> str:
    """A result in entries. One that is an equation by itself has no left side.

    An author's chain is told from end to end: what was only reached by `=` on the way is left out, but not
    what an inequality reached, or `0 < p < 1` would be told as `0 < 1`.
    """
    result = derivation["result"]
    if derivation["kind"] != "checked_chain":
        return f"{result['left']} = {result['index']}" if result["left"] else str(result["index"])
    *links, last = derivation["chains"][-1]["steps"]
    told = [link for link in links if link["relation"] != "="]
    parts = (f"{relation(link['relation'])} {link['latex']}" for link in [*told, last])
    return " ".join([result["left"], *parts])


def matrix_form(derivation: Mapping[str, Any]) -> str:
    result = derivation["result"]
    left, right = result["matrix_left"], result["matrix"]
    return f"{left} = {right}" if left else str(right)


def inline(text: str) -> str:
    return f"${tex(text)}$"


def number(text: str) -> str:
    """A number such as 1e-10 or -2.5e-7 as people write it, in LaTeX; other text stays as it is."""
    match = re.fullmatch(r"(-?)([\d.]+)e([+-]?\d+)", text)
    if match is None:
        return text
    power = f"10^{{{int(match[3])}}}"
    return match[1] + (power if float(match[2]) == 1 else rf"{match[2]} \cdot {power}")


def value(text: str) -> str:
    """What a counterexample found: a number, or a relation and a number such as `<= 1`."""
    match = _RELATION.fullmatch(text)
    return inline(f"{relation(match[1])} {number(match[2])}" if match else number(text))


def quoted(text: str) -> str:
    """Another's words letter by letter: LaTeX is typeset, also where its dollars are missing, and what
    Markdown would read as a mark is escaped.
    """
    if "$" not in text and re.search(r"\\[a-z]+", text) and not HAN.search(text):
        rows = text.replace(r"\newline", r"\\")
        if r"\begin" not in rows and ("&" in rows or r"\\" in rows):
            rows = rf"\begin{{array}}{{rl}} {rows} \end{{array}}"
        return f"$$\n{tex(rows)}\n$$"
    parts = re.split(r"(\$[^$]+\$)", text.replace(r"\(", "$").replace(r"\)", "$"))
    parts[::2] = [re.sub(r"([\\`*_\[\]<>#])", r"\\\1", part) for part in parts[::2]]
    parts[1::2] = [inline(part.strip("$").strip()) for part in parts[1::2]]
    return "".join(parts)


def plain(text: str) -> str:
    """A sentence without the marks of Markdown and LaTeX, for places that show text as it stands."""
    text = re.sub(r"\\(?:mathbf|boldsymbol|operatorname|mathrm|hat|bar)\b", "", text.replace("$", ""))
    return re.sub(r"[{}\\*`_]", "", text).replace("  ", " ")
