"""The command line: python -m core."""

import json
import os
import sys

from core.cli import commands, parser
from core.errors import CoreError
from core.storage import serialize
from core.threads import use_one_blas_thread


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Returns 0, or 2 after one line `error: …` for a user's mistake or a disk that refuses."""
    try:
        options = parser.build().parse_args(arguments)
        values, text = options.act(options)
        code = 0
    except commands.Unsaved as late:
        values, text = late.answer
        code = _report(late.problem)
    except CoreError as error:
        return _report(error)
    try:
        print(json.dumps(serialize.to_json(values), indent=1, allow_nan=False) if options.json else text, flush=True)
    except BrokenPipeError:
        # The reader, `head` for example, has closed the pipe; the interpreter must not complain of it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _report(error: CoreError) -> int:
    print("error:", " ".join(str(error).split()), file=sys.stderr)
    return 2


if __name__ == "__main__":
    use_one_blas_thread()
    sys.exit(main())
