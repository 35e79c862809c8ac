"""The container file, its own steps run without a container: a normal user, a read-only root, and nothing else."""

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTAINERFILE = (ROOT / "deploy/Containerfile").read_text().replace("\\\n", " ")
NAMESPACE = ["unshare", "--mount"]  # without a fork: the command keeps the process id
SMALL = [
    "data.symbols=SUNSPOTS",
    "target.kind=column",
    "target.column=sunspots",
    "target.horizon=1",
    "train.epochs=1",
    "model.hidden=4",
]


def instructions(name: str) -> list[str]:
    """The arguments of every instruction of this name."""
    return re.findall(rf"^{name} +(.+)$", CONTAINERFILE, flags=re.MULTILINE)


def unprivileged(folder: Path, port: int, *command: str) -> list[str]:
    """A command that runs as the user of the image, in its environment and folder, on a read-only root.

    `folder` has the image's `app`, `data` and `tmp`. An interpreter in a home that is closed to others is made visible.
    """
    user, group = instructions("USER")[0].split(":")
    variables = [one for line in instructions("ENV") for one in line.split()] + [f"STREAMLIT_SERVER_PORT={port}"]
    places = {"=/data": "=/mnt/data", "=/tmp": "=/mnt/tmp", "0.0.0.0": "127.0.0.1"}
    for place, here in places.items():
        variables = [one.replace(place, here) for one in variables]
    variables.append("TMPDIR=/mnt/tmp")  # in place of /tmp, where this checkout may lie
    base, home, aside = sys.base_prefix, Path.home(), "/mnt/tmp/base"
    shown = [  # in place of the whole home
        f"mkdir {aside}; mount --bind {base} {aside}; mount -t tmpfs tmpfs {home} -o mode=755; mkdir -p {base}",
        f"mount --bind {aside} {base}; umount {aside}; rmdir {aside}; mount -o remount,ro {home}",
    ]
    steps = [
        f"set -e; mount --bind {folder} /mnt; mount -t tmpfs tmpfs /mnt/tmp -o mode=1777",
        *(shown if Path(base).is_relative_to(home) else []),
        "mount -o remount,bind,ro /; mount -o remount,bind,ro /mnt; mount --bind /mnt/data /mnt/data",
        "mount -o remount,bind,rw /mnt/data; cd /mnt/app",
        f"exec setpriv --reuid {user} --regid {group} --clear-groups --bounding-set -all --inh-caps -all "
        f'--no-new-privs env {" ".join(variables)} "$@"',
    ]
    return [*NAMESPACE, "bash", "-c", "; ".join(steps), "bash", *command]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the image copies and nothing else, and an empty /data of its user."""
    if not shutil.which("setpriv") or subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode:
        pytest.skip("this user may not make mount namespaces")
    folder = tmp_path_factory.mktemp("image")
    for name in ("app", "data", "tmp"):
        (folder / name).mkdir()
    for source, target in (line.split() for line in instructions("COPY")):
        if target == "./":
            shutil.copyfile(ROOT / source, folder / "app" / source)
        elif not target.startswith("/"):
            shutil.copytree(ROOT / source, folder / "app" / target, ignore=shutil.ignore_patterns("__pycache__"))
    user, group = instructions("USER")[0].split(":")
    shutil.chown(folder / "data", int(user), int(group))
    folder.chmod(0o755)
    return folder


def test_a_model_trains_as_a_normal_user_on_a_read_only_root(image: Path):
    arguments = ["-m", "core", "run", "--runs", "/mnt/data/runs", "--json", "--set", *SMALL]
    done = subprocess.run(unprivileged(image, 0, sys.executable, *arguments), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (image / "data/runs" / json.loads(done.stdout)["run_id"] / "run.json").is_file()


@pytest.mark.parametrize("path", ["/mnt/app/x", "/mnt/x", "/usr/x", "/etc/x"])
def test_nothing_can_be_written_outside_the_data(image: Path, path: str):
    done = subprocess.run(unprivileged(image, 0, "touch", path), capture_output=True, text=True)
    assert done.returncode and ("Read-only" in done.stderr or "denied" in done.stderr)


def test_the_app_starts_and_is_healthy(image: Path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable if word == "python" else word for word in json.loads(instructions("CMD")[0])]
    check = json.loads(instructions("HEALTHCHECK CMD")[0])[-1].replace("8501", str(port))
    with subprocess.Popen(unprivileged(image, port, *command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as app:
        try:
            assert _healthy(check, app)
        finally:
            app.kill()


def _healthy(check: str, app: subprocess.Popen[bytes]) -> bool:
    """Whether the health check of the image passes before the app ends."""
    while app.poll() is None:
        if subprocess.run([sys.executable, "-c", check], capture_output=True).returncode == 0:
            return True
        time.sleep(0.2)
    return False


def test_the_locked_versions_are_those_of_the_requirements():
    lock = dict(re.findall(r"^([\w.-]+)==([^\s+]+)", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE))
    pins = re.findall(r"^([\w.-]+)==([^\s+]+)", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE)
    assert len(pins) > 20
    assert {name: lock.get(name.lower().replace("_", "-")) for name, _ in pins} == dict(pins)


def test_every_locked_package_has_a_hash():
    packages = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text().strip())
    assert [text.split()[0] for text in packages if text[0] != "#" and "--hash=sha256:" not in text] == []
