"""Phone numbers as people write them, and what around them says that they are (or are not)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from datapartnerships.detectors import _plans
from datapartnerships.detectors._runs import EXTENSION, Run

_CUE = re.compile(
    r"""\b(?:t[eé]l(?:[eé](?:ph|f)[oó]n\w*|f)?|t(?:fno?|lf|fn)|phone|mob(?:ile|il|iele?)?
    |cell(?:ular|phone)?|call(?:ing|s)?|fax|facs[ií]mile|fono|fon|farsími|farsíma|heimasími|símanúmer|sím[ia]|gsm|sms|whatsapp
    |viber|dial|handy|m[oó]vil|appele[rz]|llam(?:ar?|e|en)|hotline
    |anruf\w*|rufnummer|(?:my|our|your|his|her|their)\ number)\b
    |[☎✆📞📱]""",
    re.IGNORECASE | re.VERBOSE,
)
# What may stand between such a word and seven bare digits, which a "system call" may have too.
_NEAR = re.compile(
    r"[\s:.()#\-]{0,4}"
    r"(?:\b(?:me|us|him|her|them|on|at|is|was|er|no|nr|number|í|ist)\b[\s:.]{0,3}){0,3}"
)
# Numbers that say themselves what else they are.
_OTHERWISE = re.compile(
    r"\b(?:isbn|issn|ismn|doi|iban|ssn|pesel|nif|nie|dni|cpf|cnpj|siren|siret|ean|upc|gtin|oclc"
    r"|orcid|pmid|lccn|kt|kennitala|passport|patent|docket|case|aktenzeichen|az|celex|bates|imei"
    r"|iccid|serial|invoice|account|acct|konto|rut|cuit|nhs)\b[^\n\d]{0,12}\Z",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?:\b(?:no|nr|nos|pp?|pages?|vol|bls|s|id|art|article|section|§)\.?|#)[\s:]{0,2}\(?\Z",
    re.IGNORECASE,
)
_DAY, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:1[5-9]|20)\d\d"
_DATE = re.compile(
    rf"""(?<![0-9])(?<![0-9][./\-])
    (?:{_YEAR}([./\-]){_DAY}\1{_DAY}|{_DAY}([./\-]){_DAY}\2(?:{_YEAR}|\d\d)
    |{_YEAR}[ ]?[/\-\u2013][ ]?{_YEAR})
    (?![0-9])(?![./\-][0-9])""",
    re.ASCII | re.VERBOSE,
)

_GAP = re.compile("\\)?[ \u00a0\u202f]{0,2}[./\\-\u2010-\u2013]?[ \u00a0\u202f]{0,2}\\(?")
_MOST_GROUPS = 8


def phone(
    run: Run, index: int, resumed: int, dialed: _plans.Plans
) -> tuple[int, int, float, int] | None:
    """Start, end, score and next group of the number that begins at group `index`, if one does.

    `resumed` is the group after the last number found in the run; the group opens (`Run.opens`).
    """
    if index > resumed and not _may_follow(run, index):
        return None
    left, lead = run.lead(index)
    context = None
    for last in _ends(run, index):
        digits = run.digits(index, last)
        if lead != "+" and not _plans.is_conceivable(digits, dialed):
            continue
        context = context or Context.of(run, index, left)
        right = run.groups[last].end
        if context.otherwise or _holds_date(run, left, right):
            continue
        cued = context.announces(digits if last == index else "")
        score = Candidate(run, index, last, lead, cued, resumed).score(digits, dialed)
        if score >= 0.8 or (score and not context.counted):
            extension = EXTENSION.match(run.text, right)
            return left, extension.end() if extension else right, score, last + 1
    return None


def _may_follow(run: Run, index: int) -> bool:
    """Whether a number can begin at a group that others precede: in brackets, or glued."""
    start, last = run.groups[index].start, len(run.groups) - 1
    return run.text[start - 1] == "(" or (index < last and not run.parts(index))


def past_date(run: Run, index: int) -> int:
    """The group after the date that begins at group `index`, or 0."""
    gap = run.gap(index)
    if not gap or gap not in "./-":
        return 0
    date = _DATE.match(run.text, run.groups[index].start)
    if date is None:
        return 0
    while index < len(run.groups) and run.groups[index].end <= date.end():
        index += 1
    return index


class Context(NamedTuple):
    """What the words before a run of digits say about it."""

    before: str
    cue: int = -1
    otherwise: bool = False
    counted: bool = False

    @classmethod
    def of(cls, run: Run, index: int, left: int) -> Context:
        if index:  # what stands before is the rest of the run
            return cls("")
        before = run.text[:left]
        cue = _last_cue(before)
        otherwise = _OTHERWISE.search(before) is not None
        return cls(before, cue, otherwise, cue < 0 and bool(_COUNTED.search(before)))

    def announces(self, bare: str) -> bool:
        """Whether a word like "phone" is near enough, given the digits of an ungrouped number."""
        if self.cue < 0 or not bare or len(bare) > 8:
            return self.cue >= 0
        return _NEAR.fullmatch(self.before, self.cue) is not None


def _holds_date(run: Run, left: int, right: int) -> bool:
    dates = _DATE.finditer(run.text, max(0, left - 1), min(len(run.text), right + 2))
    return any(left <= date.start() and date.end() <= right for date in dates)


def _ends(run: Run, index: int) -> Sequence[int]:
    """Groups with which a number from `index` on may end, the farthest first."""
    lasts = []
    total = run.groups[index].size
    for last in range(index, min(index + _MOST_GROUPS, len(run.groups))):
        if last > index:
            total += run.groups[last].size
            if not _GAP.fullmatch(run.gap(last - 1)):
                break
        if total > _plans.MAX_DIGITS + 2:
            break
        if total >= _plans.MIN_DIGITS and run.closes(last):
            lasts.append(last)
    return lasts[::-1]


# North American Numbering Plan: area code, exchange, line.
_NANP = ((3, 3, 4), (1, 3, 3, 4))


class Candidate(NamedTuple):
    """Some groups of a run, as one phone number."""

    run: Run
    first: int
    last: int
    lead: str
    cued: bool
    resumed: int

    def score(self, digits: str, dialed: _plans.Plans) -> float:
        """How sure it is that this is a phone number; 0 when it is none."""
        if self.lead == "+":
            return _plans.international(digits)
        if digits.startswith("00") and self.run.groups[self.first].size > 1:
            sure = _plans.international(digits[2:])
            return sure if sure > 0.9 else 0
        groups = tuple(g.size for g in self.run.groups[self.first : self.last + 1])
        if not self._is_plausible(digits, groups):
            return 0
        if _plans.is_national(digits, groups, self.cued, dialed):
            return self._national_score(digits, groups)
        # `Tel. 354 467 3395`: the plus sign is often left out.
        return 0.8 if self.cued and _plans.international(digits) > 0.9 else 0

    def _national_score(self, digits: str, groups: tuple[int, ...]) -> float:
        if self.cued:
            return 0.9
        if len(groups) == 1:
            return 0.4
        if digits.startswith("0") or self.lead:
            return 0.85
        return 0.85 if self._is_glued() and groups in _NANP else 0.5

    def _is_plausible(self, digits: str, groups: tuple[int, ...]) -> bool:
        """Rejects what looks like a decimal, a sum, a range or a row of a table."""
        gaps = [self.run.gap(at) for at in range(self.first, self.last)]
        if not self._has_even_gaps(gaps):
            return False
        if groups == (3, 2, 4) or (len(groups) > 1 and groups[0] > 5):
            return False  # a US social security number; a date of birth and its suffix
        if digits.startswith("0"):
            return 1 not in groups and (self.cued or self._has_trunk_shape(digits, groups))
        if 1 in groups[1:] or (groups[0] == 1 and digits[0] not in "18"):
            return False
        if self.cued:
            return gaps != ["."] or groups in _plans.USUAL_GROUPS
        if len(groups) == 1:
            return 9 <= len(digits) <= 12 and self._stands_alone()
        # A year, or a round number of a range.
        if len(groups) == 2 and (digits[-4:-2] in ("19", "20") or digits.endswith("00")):
            return False
        if "." in gaps and groups not in _NANP:
            return False
        if "/" in gaps[1:] or (gaps[0] == "/" and len(groups) == 2):
            return False
        # Page and year of a citation, `894, 898 (1898)`: the bracket closes behind the number.
        signs = "".join(gaps)
        if signs.rfind("(") > signs.rfind(")"):
            return False
        return bool(self.lead) or self._is_glued() or self._stands_alone()

    def _has_trunk_shape(self, digits: str, groups: tuple[int, ...]) -> bool:
        """An area code of three to five digits, or pairs, and no other numbers around it."""
        if len(digits) < 9 or not self._is_apart():
            return False
        if len(groups) == 1:
            return len(digits) <= 12 and self._stands_alone()
        if groups[0] == 2:
            return bool(self.lead) or set(groups) == {2} or groups in _plans.USUAL_GROUPS
        return True

    def _is_apart(self) -> bool:
        """What comes before and after in the run begins numbers of its own."""
        run, after = self.run, self.last + 1
        if self.first not in (0, self.resumed):
            return False
        if after == len(run.groups):
            return True
        return run.text[run.groups[after].start - 1] in "(/" or run.digits(after, after)[0] == "0"

    def _has_even_gaps(self, gaps: Sequence[str]) -> bool:
        """One kind of sign between the groups, except after the area code."""
        signs = {gap.strip(" \u00a0\u202f()") for gap in gaps[1:]} - {""}
        return len(signs) <= 1 and not ("." in signs and gaps[0].strip(" ()") not in (".", ""))

    def _is_glued(self) -> bool:
        return not any(self.run.parts(at) for at in range(self.first, self.last))

    def _stands_alone(self) -> bool:
        return self.first == 0 and self.last == len(self.run.groups) - 1


def _last_cue(before: str) -> int:
    """Where the last word of `before` that announces a phone number ends, or -1."""
    return max((match.end() for match in _CUE.finditer(before)), default=-1)
