"""All pages of one language, as Markdown, from records, rules, kernels and templates. Writes nothing.

A page prints what a record holds and does no mathematics. The two languages go through the same templates
with the same records, so that headings, steps and code cannot differ between them: only the words do. The
result is plain Markdown with attribute lists and `$...$`, since the generator that now reads it may not be
the last one.
"""

import ast
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from derivations import catalogue, resources
from derivations.printers.latex import term_latex
from derivations.rules import RULES, Rule
from derivations.sentences import (
    HAN,
    Record,
    Sentences,
    index_form,
    matrix_form,
    plain,
    quoted,
    relation,
    tex,
)
from derivations.terms import Relation
from derivations.words import Text, check_language, labels

# Pages that people write, in the order of the navigation. Each exists once per language, with the same
# headings.
WRITTEN = ("index", "start", "conventions", "derive", "contribute")


# What html and hreflang call the languages: the script is named, since zh alone leaves it open.
TAGS = {"en": "en", "zh": "zh-Hans"}


@dataclass(frozen=True)
class Chapter:
    id: str
    title: Text


@dataclass(frozen=True)
class RulePage:
    """What the page of the rules shows of one rule; `group` is the id of a label in words.toml."""

    id: str
    name: Text
    statement: str
    condition: Text | None
    example: str
    group: str
    silent: bool = False  # applied without a word: no page shows where


@dataclass(frozen=True)
class Library:
    """What pages are made from. Kernels and pictures are found by formula id and may be missing."""

    chapters: tuple[Chapter, ...]
    records: tuple[Record, ...]
    rules: Mapping[str, RulePage]
    kernels: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)

    def of_chapter(self, chapter: str) -> tuple[Record, ...]:
        return tuple(record for record in self.records if record["chapter"] == chapter)


@dataclass(frozen=True)
class Snippet:
    """One kernel as code that can be copied alone, with what its record says of it."""

    name: str
    code: str
    signature: str
    evidence: Mapping[str, Any] | None


def load() -> Library:
    """The library of this package, from its generated files and its registry of rules."""
    chapters = tuple(Chapter(name, title) for name, title in catalogue.chapters())
    files = (p for c in chapters for p in sorted((resources.records() / c.id).glob("*.json")))
    records = [json.loads(path.read_text("utf-8")) for path in files]
    kernels = {
        record["id"]: path.read_text("utf-8")
        for record in records
        if (path := resources.kernels() / f"{_place(record)}.py").is_file()
    }
    return Library(chapters, tuple(records), {id: _rule_page(rule) for id, rule in RULES.items()}, kernels)


def _rule_page(rule: Rule) -> RulePage:
    example = ""
    if rule.example is not None:
        before, after = rule.example()
        sign = r"\iff" if isinstance(before, Relation) else "="
        example = f"{term_latex(before)} {sign} {term_latex(after)}"
    return RulePage(rule.id, rule.name, rule.statement, rule.condition, example, rule.group, rule.silent)


def pages(library: Library, language: str) -> dict[str, bytes]:
    """Markdown pages, and the records and kernels they link to, by path in the site of `language`."""
    check_language(language)
    _check(library)
    environment = _environment(library, language)
    out: dict[str, bytes] = {}

    def add(path: str, template: str, **values: Any) -> None:
        text = environment.get_template(template).render(root="../" * path.count("/"), **values)
        out[path] = _tidy(text).encode("utf-8")

    for name in WRITTEN:
        add(f"{name}.md", f"{language}/{name}.md")
    for chapter in library.chapters:
        if library.of_chapter(chapter.id):
            add(f"{chapter.id}/index.md", "chapter.md.j2", chapter=chapter)
    for record in library.records:
        path = _place(record)
        add(f"{path}.md", "formula.md.j2", record=record, snippets=snippets(library, record))
        for alias in record["aliases"]:
            # An address that was once given out stays good.
            add(f"{record['chapter']}/{alias}/index.html", "redirect.html.j2", record=record)
        out[f"records/{path}.json"] = _json(record)
        if record["id"] in library.kernels:
            out[f"kernels/{path}.py"] = library.kernels[record["id"]].encode("utf-8")
    add("rules/index.md", "rules.md.j2", groups=_groups(library), used=_used(library))
    add("errata.md", "errata.md.j2", errata=_errata(library))
    return out


def counts(library: Library) -> dict[str, int]:
    """The numbers on the home page, counted from the records and never typed."""
    derivations = [derivation for record in library.records for derivation in record["derivations"]]
    return {
        "formulas": len(library.records),
        "derivations": len(derivations),
        "steps": sum(len(chain["steps"]) for derivation in derivations for chain in derivation["chains"]),
        "claims": sum(len(record["claims"]) for record in library.records),
        "kernels": sum(len(record["kernels"]) for record in library.records),
        "rules": len(library.rules),
    }


def snippets(library: Library, record: Record) -> list[Snippet]:
    """Each kernel of a formula as code that runs when copied alone, with what it calls and imports."""
    source = library.kernels.get(record["id"])
    if source is None:
        return []
    nodes = {name: node for node in ast.parse(source).body for name in _defines(node)}
    lines = source.splitlines()
    out = []
    for kernel in record["kernels"]:
        name = kernel["name"]
        if name not in nodes:
            raise ValueError(
                f"{_place(record)}: the record names a kernel {name!r}"
                f" that its file does not define; it defines {', '.join(sorted(nodes))}"
            )
        needed = _closure(name, nodes)
        blocks = [
            (node.lineno, node.end_lineno or node.lineno, isinstance(node, ast.Import | ast.ImportFrom))
            for node in {id(nodes[key]): nodes[key] for key in needed}.values()
        ]
        imports = [
            "\n".join(lines[first - 1 : last]) for first, last, is_import in sorted(blocks) if is_import
        ]
        code = [
            "\n".join(lines[first - 1 : last]) for first, last, is_import in sorted(blocks) if not is_import
        ]
        text = "\n\n\n".join([*(["\n".join(imports)] if imports else []), *code]) + "\n"
        out.append(Snippet(name, text, kernel["signature"], kernel["evidence"]))
    return out


def _defines(node: ast.stmt) -> list[str]:
    """The names that a top-level statement of a kernel file binds."""
    match node:
        case ast.FunctionDef(name=name):
            return [name]
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [alias.asname or alias.name.split(".")[0] for alias in names]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


def _closure(name: str, nodes: Mapping[str, ast.stmt]) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in nodes and current not in found:
            found.add(current)
            waiting += [part.id for part in ast.walk(nodes[current]) if isinstance(part, ast.Name)]
    return found


def _check(library: Library) -> None:
    known = {chapter.id for chapter in library.chapters}
    ids = {record["id"] for record in library.records}
    taken = set(ids)
    for page in library.rules.values():
        if f"rule_group.{page.group}" not in labels():
            raise ValueError(f"rule {page.id}: words.toml has no label for its group {page.group!r}")
    for record in library.records:
        place = _place(record)
        if record["chapter"] not in known:
            raise ValueError(f"{place}: there is no chapter {record['chapter']!r}")
        for other in [*record["related"], *(row["uses"] for row in record["definition"] if row["uses"])]:
            if other not in ids:
                raise ValueError(f"{place}: there is no formula {other!r} to link to")
        for alias in record["aliases"]:
            if alias in taken:
                raise ValueError(f"{place}: its alias {alias!r} is the name or an alias of another formula")
            taken.add(alias)
        for rule in _rules_of(record):
            if rule not in library.rules:
                raise ValueError(f"{place}: a step names the rule {rule!r}, which the registry does not have")


def _place(record: Record) -> str:
    return f"{record['chapter']}/{record['id']}"


def _rules_of(record: Record) -> Iterable[str]:
    for derivation in record["derivations"]:
        for chain in derivation["chains"]:
            for step in chain["steps"]:
                if step["rule"]:
                    yield step["rule"]
                yield from step["with"]
                yield from (part["rule"] for part in step["parts"])


def _used(library: Library) -> dict[str, list[Record]]:
    return {
        rule: [record for record in library.records if rule in set(_rules_of(record))]
        for rule in library.rules
    }


def _groups(library: Library) -> dict[str, list[list[RulePage]]]:
    """The rules by group, those of one name together: a reader sees one rule with two ways to apply it.

    The order of the groups is that of their labels.
    """
    groups: dict[str, dict[str, list[RulePage]]] = {
        key.removeprefix("rule_group."): {} for key in labels() if key.startswith("rule_group.")
    }
    for rule in library.rules.values():
        groups[rule.group].setdefault(rule.name.en, []).append(rule)
    return {group: list(names.values()) for group, names in groups.items() if names}


def _is_erratum(claim: Mapping[str, Any]) -> bool:
    """A quotation may also be one that holds; its severity then says that nothing is wrong."""
    return bool(claim["quote"]) and claim["quote"]["severity"] != "none"


def _errata(library: Library) -> list[tuple[Record, list[Mapping[str, Any]]]]:
    rows = [
        (record, [claim for claim in record["claims"] if _is_erratum(claim)]) for record in library.records
    ]
    return [(record, claims) for record, claims in rows if claims]


def _json(record: Record) -> bytes:
    return (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _tidy(text: str) -> str:
    """No trailing blanks and no runs of empty lines, which the templates' branches leave behind; code keeps
    its own.
    """
    parts = re.split(r"(^[ ]*```.*?^[ ]*```$)", text, flags=re.MULTILINE | re.DOTALL)
    parts[::2] = [
        re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+$", "", part, flags=re.MULTILINE)) for part in parts[::2]
    ]
    return "".join(parts).strip() + "\n"


def _environment(library: Library, language: str) -> Environment:
    """Templates with delimiters of their own: `{{` and `{#` belong to LaTeX and to heading ids on these
    pages.
    """
    environment = Environment(
        loader=FileSystemLoader([resources.templates() / "pages", resources.site() / "pages"]),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    sentences = Sentences(language, {rule.id: rule.name for rule in library.rules.values()})
    environment.globals |= {
        "t": sentences.label,
        "language": language,
        "html_language": TAGS[language],
        "library": library,
        "counts": counts(library),
        "formula": {record["id"]: record for record in library.records}.__getitem__,
        "formulas": {record["id"] for record in library.records},
        "numbered": numbered,
        "has_delta": _has_delta,
        "index_form": index_form,
        "matrix_form": matrix_form,
        "relation": relation,
        "sentences": sentences,
    }
    environment.filters |= {
        "say": lambda text: text[language],
        "tex": tex,
        "yaml": lambda text: json.dumps(text, ensure_ascii=False),
        "plain": plain,
        # Chinese begins a sentence with a name as the name is written
        "sentence": lambda text: text[:1].upper() + text[1:] if language == "en" else text,
        "quoted": quoted,
        "is_chinese": lambda text: HAN.search(text) is not None,
    }
    return environment


def _has_delta(record: Record) -> bool:
    """Whether a reader of the page meets a Kronecker delta, which no formula declares among its symbols."""
    chains = [chain for derivation in record["derivations"] for chain in derivation["chains"]]
    return any(r"\delta_{" in step["latex"] for chain in chains for step in chain["steps"])


def numbered(
    derivation: Mapping[str, Any],
) -> list[tuple[Mapping[str, Any], list[tuple[int, Mapping[str, Any]]]]]:
    """The chains with their steps, counted through the whole derivation: lemmas first, as they are read."""
    rows, count = [], 0
    for chain in derivation["chains"]:
        steps = chain["steps"]
        rows.append((chain, list(enumerate(steps, count + 1))))
        count += len(steps)
    return rows
