"""Known vulnerabilities of the locked packages, by pip-audit from the OSV database.

Each answer is put on record in .ci/audit.json. Where the database is out of reach, the last record counts if it is of
the versions that are locked now; without one nothing is known, and this says so. Exit code 1: a package is vulnerable.
"""

import argparse
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SECONDS = 600


def ask(lock: Path, url: str | None) -> list[dict[str, Any]] | None:
    """Every locked package as {name, version, vulns}; None if the database gives no answer."""
    command = [sys.executable, "-m", "pip_audit", "--vulnerability-service", "osv"]
    command += ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json", "-r", str(lock)]
    command += ["--osv-url", url] if url else []
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
        return json.loads(answer.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return None


def read(record: Path) -> dict[str, Any]:
    """The last answer on record; an empty one if there is none."""
    return json.loads(record.read_text()) if record.is_file() else {"date": "", "packages": []}


def versions(packages: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(package["name"], package.get("version", "")) for package in packages}


def locked(lock: Path) -> set[tuple[str, str]]:
    """The (name, version) pairs of a lock file."""
    lines = (line.split()[0] for line in lock.read_text().splitlines() if line[:1].isalnum())
    return {(name, version) for name, _, version in (line.partition("==") for line in lines)}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lock", type=Path, default=HERE.parent / "requirements.lock")
    parser.add_argument("--record", type=Path, default=HERE / "audit.json")
    parser.add_argument("--url", help="of another service that answers as OSV does")
    options = parser.parse_args(arguments)
    packages = ask(options.lock, options.url)
    if packages is not None:
        known = {"date": datetime.now(UTC).date().isoformat(), "packages": packages}
        options.record.write_text(json.dumps(known, indent=1) + "\n")
    else:
        known = read(options.record)
        if versions(known["packages"]) != locked(options.lock):
            print("NOT AUDITED: the database is out of reach, and there is no answer on record for these versions.")
            return 0
    vulnerable = [package for package in known["packages"] if package.get("vulns")]
    for package in vulnerable:
        for vuln in package["vulns"]:
            fixed = ", ".join(vuln["fix_versions"]) or "no version"
            print(f"{package['name']} {package['version']}: {vuln['id']}, fixed in {fixed}")
    print(f"{known['date']}: {len(known['packages'])} packages, {len(vulnerable)} with known vulnerabilities")
    return 1 if vulnerable else 0


if __name__ == "__main__":
    sys.exit(main())
