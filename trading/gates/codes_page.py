"""The page of all codes, made from what the gates use."""

from trading import readiness
from trading.gates import CATALOGUE, EXIT_GATES, deciding, execution_mode
from trading.gates.clearing import BY_CLOCK, Clock
from trading.gates.codes import DEFERS, FAILS, MEANINGS, SKIPS, GateCode
from trading.gates.phrases import OF_CODES
from trading.gates.severities import CLEARS, SEVERITIES, Severity

INTRODUCTION = """\
# Codes

Made by `manage.py describe_codes` from `trading/gates`; a test holds it to that.

A decision that did not become an order carries the code of the first gate, in the order of the
catalogue, that refused. **Denied**: we refused. **Skipped**: there was nothing to do. **Deferred**:
it waits for its owner's word. **Error**: we could not decide, and nobody was refused. What a venue
refuses is no code of ours. An exit is asked for a position to close, and nothing else.

Where several could have set the limit, the sentence says who did: `(set by the capital tier)`.
Where a clock decides when it clears, it ends with that time, as in `: resumes at 00:00 UTC`.

"""
SEVERITY_MEANINGS = {
    Severity.SAFE: "there was nothing to do, or it clears by itself",
    Severity.WARNING: "this order does not leave",
    Severity.DANGER: "a limit on risk is reached",
    Severity.CRITICAL: "nothing new leaves",
}


def codes_page() -> str:
    """In Markdown, with a line break at its end."""
    lines = [*_severities(), *_codes(), *_gates(), *_checks()]
    return INTRODUCTION + "\n".join(lines) + "\n"


def _severities() -> list[str]:
    said = [f"| {item.name} | {SEVERITY_MEANINGS[item]} |" for item in Severity]
    return ["## Severities", "", "| severity | meaning |", "|---|---|", *said, ""]


def _codes() -> list[str]:
    lines = ["## All codes", "", "| code | outcome | severity | meaning | said as | clears |"]
    return [*lines, "|---|---|---|---|---|---|", *(_code(code) for code in GateCode), ""]


def _code(code: GateCode) -> str:
    others = {"skipped": SKIPS, "deferred": DEFERS, "error": FAILS}
    outcome = next((name for name, codes in others.items() if code in codes), "denied")
    phrase = OF_CODES[code]
    numbers = (phrase.observed.format("{observed}"), phrase.limit.format("{limit}"))
    said = ", ".join(part for part in numbers if part)
    if BY_CLOCK.get(code) is Clock.LIMIT:
        said = f"{said}: resumes at {{limit}}"
    cells = (f"`{code}`", outcome, SEVERITIES[code].name, MEANINGS[code], said, CLEARS[code])
    return f"| {' | '.join(cells)} |"


def _gates() -> list[str]:
    said = [
        f"| {place} | {gate.number} | {gate.title} |" for place, gate in enumerate(CATALOGUE, 1)
    ]
    said += [f"| then | {execution_mode.NUMBER} | {execution_mode.TITLE} |"]
    said += [f"| none | {deciding.NUMBER} | {deciding.TITLE} |"]
    said += [f"| exits | {gate.number} | {gate.title} |" for gate in EXIT_GATES]
    return [
        "## Gates, in the order of the catalogue", "", "| place | number | gate |", "|---|---|---|",
        *said,
    ]  # fmt: skip


def _checks() -> list[str]:
    said = [f"- `{code}`: {readiness.MEANINGS[code]}" for code in readiness.LiveCode]
    return ["", "## Why somebody may not go from paper to live", "", *said]
