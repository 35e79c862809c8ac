"""How much room a store takes."""

import os
from pathlib import Path

from core.storage import trash


def measure(root: Path) -> int:
    """The bytes of every file under this folder, without deleted runs, which go by themselves; what is removed
    meanwhile does not count."""
    total, folders = 0, [root]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name != trash.FOLDER:
                            folders.append(Path(entry.path))
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
        except OSError:
            continue
    return total
