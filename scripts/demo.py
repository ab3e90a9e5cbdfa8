"""`make demo` and `make serve`: the sample organisation, from files to insights, over HTTP like any other client."""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from service import Analysis, Client, ingest  # noqa: E402
from service.cli import print_summary  # noqa: E402
from service.config import Settings, load_settings  # noqa: E402
from service.report import render_html  # noqa: E402

ORGANISATION = "Merrow Vale (sample)"
EMAIL = "sample@merrowvale.example"
NAME = "Sample organisation"
SAMPLE = ROOT / "data" / "sample"
START_SECONDS = 120


def main() -> int:
    """Start the service, analyse the sample batch, print what it shows; stop, or with --keep stay."""
    # A plain kill must stop the service as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("--keep", action="store_true", help="leave the service up")
    keep = arguments.parse_args().keep
    os.chdir(ROOT)
    settings = load_settings()
    log = settings.data_dir / "service.log"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    port = settings.port if keep else _free_port(settings.host)
    print(f"Starting the service on http://{settings.host}:{port} (log: {log}) …", flush=True)
    with _service(settings, port, log) as process:
        key = _command("keys", "create", "--organisation", ORGANISATION, "--role", "analyst")
        client = Client(base_url=f"http://{settings.host}:{port}", key=key)
        analysis = _sample_analysis(client)
        report = settings.data_dir / "sample-report.html"
        report.write_text(render_html(analysis, title=NAME), encoding="utf-8")
        print_summary(analysis)
        print(f"\nReport: {report.resolve()}", flush=True)
        if keep:
            print(f"\nPlumbline is up: http://{settings.host}:{port}")
            print(f"Sign in as {EMAIL} with the password {_password(settings)}")
            print("Stop it with Ctrl-C.", flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                process.wait()
    return 0


def _sample_analysis(client: Client) -> Analysis:
    """The analysis of the sample batch: the one that is there, or a new one."""
    for summary in client.analyses():
        if summary.name == NAME and summary.status == "completed":
            return client.analysis(summary.analysis_id, comments=True)
    comments = ingest.read_comments(SAMPLE / "comments.csv", cuts=["department", "tenure"], ratings=["engagement"])
    purpose = ingest.read_purpose(SAMPLE / "purpose.yaml")
    with tqdm(total=100, unit="%", desc="analysing", bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}") as bar:

        def progress(stage: str, done: int, total: int) -> None:
            bar.set_description(stage)
            bar.n = round(100 * done / total) if total else 0
            bar.refresh()

        return client.analyse(
            comments, purpose, name=NAME, cuts=["department", "tenure"], ratings=["engagement"], progress=progress
        )


@contextlib.contextmanager
def _service(settings: Settings, port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The service as a process of its own, ready to answer; stopped at the end."""
    with log.open("ab") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "service", "serve", "--host", settings.host, "--port", str(port)],
            stdout=stream,
            stderr=stream,
        )
        try:
            _wait_until_ready(process, f"http://{settings.host}:{port}/readyz", log)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _wait_until_ready(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"The service stopped at once; {log} says why.")
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(address, timeout=60).status_code == httpx.codes.OK:
                return
        time.sleep(0.5)
    raise SystemExit(f"The service was not ready after {START_SECONDS} seconds; {log} says why.")


def _command(*arguments: str, given: str = "") -> str:
    """Run a command of the service and return the last line it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "service", *arguments], input=given, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr.strip())
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def _password(settings: Settings) -> str:
    """The sample user's password, made with the user on the first run and kept for the next."""
    file = settings.data_dir / "sample-password"
    if not file.exists():
        password = secrets.token_urlsafe(12)
        _command(
            "users", "create", "--organisation", ORGANISATION, "--email", EMAIL, "--role", "analyst",
            "--password-stdin", given=password + "\n",
        )  # fmt: skip
        file.touch(mode=0o600)
        file.write_text(password, encoding="ascii")
    return file.read_text(encoding="ascii")


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
