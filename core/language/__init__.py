"""The language of the screen: sentences by gettext, numbers and dates by Babel. Everything else is English."""

from core.language.choice import LANGUAGES, current, use
from core.language.sentences import Message, join, mark, message, message_n, shown, tr, tr_n

__all__ = ["LANGUAGES", "Message", "current", "join", "mark", "message", "message_n", "shown", "tr", "tr_n", "use"]
