"""How the server keeps up: 100,000 incidents, 1,000 readers at once, reviewers who write meanwhile; loopback alone.

    python benchmarks/serving.py            30 seconds; prints the table and rewrites docs/benchmarks.md
    python benchmarks/serving.py 300        so many seconds

A made-up case (the small one of the tests, its rows multiplied) is served by a process of its own. Another holds 1,000
connections open. Each reader asks for an address, reads it whole, waits 1 s on average (exponential, from a fixed
seed), and asks again: half of them for the first page, else lists, boxes of the map and single incidents, packed. Eight
reviewers comment without a pause; what was acknowledged to them is looked up in the ledger afterwards. Deriving is
switched off: it is another process, at lower priority, and would replace the made-up tables. Readers and server share
the processors: the reader's own time is in the latencies.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
from page import rewrite

INCIDENTS = 100_000
READERS = 1_000
REVIEWERS = 8
THINK_S = 1.0
WARM_S = 5.0
SEED = 20250419
HERE = Path(__file__).parent
HEADINGS = (
    *("s", "readers", "answers", "a second", "p50 ms", "p99 ms", "most ms", "errors", "writes"),
    *("write p50 ms", "write p99 ms", "lost", "doubled", "server CPU s", "peak MiB"),
)


def made_up(folder: Path) -> None:
    """A case of 100,000 incidents in ``folder``, with accounts and tokens of reviewers."""
    sys.path.insert(0, str(HERE.parent))
    from tests.case import small  # noqa: PLC0415

    from teisen.case import Case, derive, ingest, stored  # noqa: PLC0415

    template, data = small.template(folder / "template"), small.data(folder / "data")
    case = Case.create(folder / "case", template)
    ingest(case, "regions", [folder / "template" / "regions.geojson"])
    ingest(case, "news", [data / "news-1.csv", data / "news-2.csv"])
    ingest(case, "claims", [data / "claims.csv"])
    tables = dict(derive(case))
    rng = np.random.default_rng(SEED)
    number = pl.int_range(INCIDENTS, eager=True)
    incident = "inc-" + number.cast(pl.String).str.zfill(12)
    observation = "news:" + number.cast(pl.String).str.zfill(16)

    def many(name: str, **columns: object) -> pl.DataFrame:
        return pl.concat([tables[name].head(1)] * INCIDENTS).with_columns(**columns)

    place = {
        "lon": pl.Series(rng.uniform(29, 32, INCIDENTS)).round(5),
        "lat": pl.Series(rng.uniform(49, 52, INCIDENTS)).round(5),
    }
    p = pl.Series(rng.random(INCIDENTS)).round(4)
    tables["incident"] = many("incident", incident_id=incident, p_conflict=p, **place)
    tables["observation"] = many("observation", observation_id=observation, **place)
    members = tables["evidence"].filter(pl.col("relation") == "member")
    tables["evidence"] = pl.concat([members.head(1)] * INCIDENTS).with_columns(
        incident_id=incident, observation_id=observation
    )
    tables["finding"] = many(
        "finding",
        finding_id="fnd-" + number.cast(pl.String).str.zfill(12),
        subject=pl.lit("incident"),
        subject_id=incident,
        p_violation=p,
    )
    new = case.derived.with_name("derived.new")
    stored.write_tables(tables, case.inputs(), new, case.rests_on())
    stored.replace(new, case.derived)


def serve(folder: Path) -> None:
    """The server process: its port on standard output; at the end of input, its processor seconds and peak."""
    import socket  # noqa: PLC0415
    import threading  # noqa: PLC0415

    import uvicorn  # noqa: PLC0415

    from teisen.server import Settings, create_app  # noqa: PLC0415
    from teisen.server.access.store import Account  # noqa: PLC0415

    app = create_app(folder / "case", Settings(requests_per_minute=10**9))
    app.state.deriving.ask = lambda: None
    app.state.desk.changed = lambda: None
    tokens = []
    for n in range(REVIEWERS):
        name = f"reviewer{n}"
        app.state.signing.store.add(Account(name, "reviewer", "", "", "", active=True))
        tokens.append(app.state.signing.store.make_token(name, "load", frozenset({"comment"}), 7200)[0])
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(2048)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, timeout_keep_alive=60))

    def watch() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=watch, daemon=True).start()
    print(json.dumps({"port": listening.getsockname()[1], "tokens": tokens}), flush=True)
    server.run([listening])
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"cpu_s": used.ru_utime + used.ru_stime, "peak_mib": used.ru_maxrss / 1024}), flush=True)


def address(draw: random.Random) -> str:
    """What a reader asks for."""
    kind = draw.random()
    if kind < 0.5:
        return "/"
    if kind < 0.6:
        return "/api/v1/ledger"
    if kind < 0.7:
        return f"/api/v1/incidents?limit=100&offset={100 * draw.randrange(20)}"
    if kind < 0.8:
        west, south = 29 + draw.randrange(6) / 2, 49 + draw.randrange(6) / 2
        return f"/api/v1/incidents?bbox={west},{south},{west + 0.5},{south + 0.5}"
    if kind < 0.9:
        return f"/api/v1/findings?p_violation=0.9&offset={100 * draw.randrange(20)}"
    return f"/api/v1/incidents/inc-{draw.randrange(200):012}"


async def asked(streams: tuple[asyncio.StreamReader, asyncio.StreamWriter], request: bytes) -> tuple[int, bytes]:
    """Send a request over an open connection and read the answer whole."""
    reader, writer = streams
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    length = next((int(one.split(b":")[1]) for one in lines if one.lower().startswith(b"content-length:")), None)
    if length is not None:
        return int(lines[0].split()[1]), await reader.readexactly(length)
    body = b""
    while (size := int(await reader.readline(), 16)) > 0:
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return int(lines[0].split()[1]), body


async def load(port: int, tokens: list[str], seconds: float) -> dict[str, object]:
    """Readers and reviewers for so many seconds."""
    latencies: list[float] = []
    writes: list[float] = []
    acknowledged: list[tuple[str, int]] = []
    errors = 0
    began = time.perf_counter() + WARM_S
    until = began + seconds

    async def reader(n: int) -> None:
        nonlocal errors
        draw = random.Random(SEED + n)  # noqa: S311
        await asyncio.sleep(draw.random() * WARM_S)
        streams = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < until:
            head = f"GET {address(draw)} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: br\r\n\r\n".encode()
            start = time.perf_counter()
            status, _ = await asked(streams, head)
            if start >= began:
                latencies.append(time.perf_counter() - start)
                errors += status != 200
            await asyncio.sleep(draw.expovariate(1 / THINK_S))
        streams[1].close()

    async def reviewer(n: int) -> None:
        nonlocal errors
        streams, count = await asyncio.open_connection("127.0.0.1", port), 0
        while time.perf_counter() < until:
            once = f"reviewer-{n}-comment-{count:06}"
            body = json.dumps({"subject_id": f"inc-{(n * 1000 + count) % INCIDENTS:012}", "text": once}).encode()
            head = (
                f"POST /api/v1/comments HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {tokens[n]}\r\n"
                f"Content-Type: application/json\r\nIdempotency-Key: {once}\r\nContent-Length: {len(body)}\r\n\r\n"
            ).encode()
            start = time.perf_counter()
            status, answer = await asked(streams, head + body)
            writes.append(time.perf_counter() - start)
            if status == 201:
                acknowledged.append((once, json.loads(answer)["entry"]))
            else:
                errors += 1
            count += 1
        streams[1].close()

    await asyncio.gather(*(reader(n) for n in range(READERS)), *(reviewer(n) for n in range(REVIEWERS)))
    return {"latencies": latencies, "writes": writes, "acknowledged": acknowledged, "errors": errors}


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    folder = Path(tempfile.mkdtemp(prefix="teisen-"))
    os.environ["TEISEN_KEYS"] = str(folder / "keys")
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    try:
        made_up(folder)
        command = [sys.executable, __file__, "--serve", str(folder)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdin is not None
            told = json.loads(process.stdout.readline())
            found = asyncio.run(load(told["port"], told["tokens"], seconds))
            process.stdin.close()
            used = json.loads(process.stdout.readline())
        table(folder, found, used, seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def table(folder: Path, found: dict[str, object], used: dict[str, float], seconds: float) -> None:
    """Look up what was acknowledged, and write the table."""
    from teisen.case import Case  # noqa: PLC0415

    entries = Case.open(folder / "case").ledger.entries()
    told = {str(e.body["reason"]): e.index for e in entries if e.type == "decision"}
    acknowledged = dict(found["acknowledged"])  # type: ignore[call-overload]
    lost = sum(told.get(once) != entry for once, entry in acknowledged.items())
    doubled = sum(e.type == "decision" for e in entries) - len(told)
    reads, writes = np.array(found["latencies"]) * 1000, np.array(found["writes"]) * 1000
    p50, p99, most = (f"{np.quantile(reads, q):,.0f}" for q in (0.5, 0.99, 1))
    w50, w99 = (f"{np.quantile(writes, q):,.0f}" for q in (0.5, 0.99))
    figures = [f"{seconds:.0f}", f"{READERS:,}", f"{len(reads):,}", f"{len(reads) / seconds:,.0f}", p50, p99, most]
    figures += [str(found["errors"]), f"{len(writes):,}", w50, w99, str(lost), str(doubled)]
    figures += [f"{used['cpu_s']:.0f}", f"{used['peak_mib']:,.0f}"]
    rewrite(
        "serving",
        [
            f"| {' | '.join(HEADINGS)} |",
            "|---:" * len(HEADINGS) + "|",
            f"| {' | '.join(figures)} |",
        ],
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(Path(sys.argv[2]))
    else:
        main()
